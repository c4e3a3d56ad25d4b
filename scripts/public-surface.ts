import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What one file of declarations, as the compiler prints them, has to say. */
interface Declarations {
  readonly exported: Set<string>;
  /** The text of each declaration of its own, by name. */
  readonly own: Map<string, string>;
  /** Where a name comes from that the file imports or re-exports from another file of ours, or renames. */
  readonly borrowed: Map<string, { readonly file: string; readonly name: string }>;
}

/**
 * The public surface of a package's entry, given by its file of declarations: the names that it exports, then every
 * declaration of the package that these lead to, in the order of the alphabet and without comments.
 */
export function describeSurface(entry: string): string {
  const files = new Map<string, Declarations>();
  const surface = new Map<string, string>();

  const follow = (file: string, name: string): void => {
    const { own, borrowed } = files.get(file) ?? readDeclarations(file);
    const origin = borrowed.get(name);
    const text = own.get(name);
    const key = `${name} in ${file}`;
    if (origin !== undefined) {
      follow(origin.file, origin.name);
    } else if (text !== undefined && !surface.has(key)) {
      surface.set(key, text);
      text.match(/[\w$]+/g)?.forEach((mentioned) => follow(file, mentioned));
    }
  };

  const names = [...readDeclarations(entry).exported].sort();
  names.forEach((name) => follow(entry, name));
  const declarations = [...surface.keys()].sort().map((key) => surface.get(key));
  return `${[names.join('\n'), ...declarations].join('\n\n')}\n`;
}

function readDeclarations(file: string): Declarations {
  const found: Declarations = { exported: new Set(), own: new Map(), borrowed: new Map() };
  const text = readFileSync(file, 'utf8').replaceAll(/^ *\/\*\*[^]*?\*\/\n/gm, '');
  // A statement begins where a line begins with neither an indent nor a closing brace.
  for (const statement of text.trimEnd().split(/\n(?=[^\s}])/)) {
    readList(statement, file, found);
    readDeclaration(statement, found);
  }
  return found;
}

/** Reads `import { … } from '…'`, `export { … } from '…'` and `export { … }`. */
function readList(statement: string, file: string, { exported, borrowed }: Declarations): void {
  const list = /^(import|export)(?: type)? \{([^}]*)\}(?: from '(\.[^']+)\.[jt]s')?/.exec(statement);
  const [, keyword, items = '', from] = list ?? [];
  for (const item of items.split(',').filter((part) => part.trim() !== '')) {
    const [name = '', alias = name] = item
      .trim()
      .replace(/^type /, '')
      .split(' as ');
    if (keyword === 'export') {
      exported.add(alias);
    }
    if (from !== undefined) {
      borrowed.set(alias, { file: `${join(dirname(file), from)}.d.ts`, name });
    } else if (alias !== name) {
      borrowed.set(alias, { file, name });
    }
  }
}

/** Reads a class, function, type or constant; several of the same name are overloads, and belong together. */
function readDeclaration(statement: string, { exported, own }: Declarations): void {
  const head =
    /^(export )?(default )?(?:declare )?(?:abstract )?(?:class|const|enum|function|interface|let|type) ([\w$]+)/;
  const [, isExported, isDefault, ownName] = head.exec(statement) ?? [];
  if (ownName === undefined) {
    return;
  }
  const name = isDefault === undefined ? ownName : 'default';
  const overloads = own.get(name);
  own.set(name, overloads === undefined ? statement : `${overloads}\n${statement}`);
  if (isExported !== undefined) {
    exported.add(name);
  }
}
