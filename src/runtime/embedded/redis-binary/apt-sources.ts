import { basename } from 'node:path';
import type { Distribution } from './distribution.ts';

/** A file of apt's configuration that names package archives: its name ends in `.list` or `.sources`. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** One archive, as it is written in a file of the kind `format`. */
interface Source {
  readonly format: 'list' | 'sources';
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
  /** The same entry, restricted. */
  readonly write: (suites: readonly string[], components: readonly string[]) => string;
}

interface RestrictedSource extends Source {
  readonly text: string;
}

// Debian has Redis in main, Ubuntu in universe.
const usefulComponents = ['main', 'universe'];

// Suites that are called by what they are at present instead of by codename; other vendors use these names too.
const movingSuites = ['stable', 'oldstable', 'testing', 'unstable', 'sid'];

/**
 * Picks the distribution's own archives out of everything that apt is configured with, mirrors, options and keys as they
 * are, so that other vendors' archives cost neither time nor success. Empty when none can be told apart.
 *
 * The formats are those of sources.list(5).
 */
export function chooseSources(files: readonly SourceFile[], { ids, codenames }: Distribution): SourceFile[] {
  const sources = files.flatMap(parseFile);
  const byCodename = restrict(sources, codenames);
  const chosen = byCodename.length > 0 ? byCodename : restrict(sources, movingSuites);
  const own = chosen.filter(({ signedBy }) => isDistributionKey(signedBy, ids));
  const kept = own.length > 0 ? own : chosen;
  return (['list', 'sources'] as const).flatMap((format) => {
    const texts = kept.filter((source) => source.format === format).map(({ text }) => text);
    return texts.length === 0 ? [] : [{ name: `distribution.${format}`, text: `${texts.join('\n\n')}\n` }];
  });
}

function restrict(sources: readonly Source[], names: readonly string[]): RestrictedSource[] {
  const wanted = new Set(names.flatMap((name) => [name, `${name}-updates`, `${name}-security`, `${name}/updates`]));
  return sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => wanted.has(suite));
    const components = source.components.filter((component) => usefulComponents.includes(component));
    return suites.length > 0 && components.length > 0 ? [{ ...source, text: source.write(suites, components) }] : [];
  });
}

// An archive without a key of its own is trusted by apt's common keyring, which is where distributions put theirs.
function isDistributionKey(signedBy: string | undefined, ids: readonly string[]): boolean {
  return signedBy === undefined || ids.some((id) => basename(signedBy).startsWith(`${id}-archive-`));
}

function parseFile({ name, text }: SourceFile): Source[] {
  return name.endsWith('.sources')
    ? text.split(/\n(?:[ \t]*\n)+/).flatMap(parseStanza)
    : text.split('\n').flatMap(parseLine);
}

function parseLine(line: string): Source[] {
  const [, options = '', uri, suite, rest = ''] = /^\s*deb\s+(\[[^\]]*\])?\s*(\S+)\s+(\S+)([^#]*)/.exec(line) ?? [];
  if (uri === undefined || suite === undefined || uri.startsWith('cdrom:')) {
    return [];
  }
  return [
    {
      format: 'list',
      suites: [suite],
      components: words(rest),
      signedBy: /signed-by=([^\s\]]+)/i.exec(options)?.[1],
      write: (_, components) => ['deb', options, uri, suite, ...components].filter((part) => part !== '').join(' '),
    },
  ];
}

function parseStanza(stanza: string): Source[] {
  const fields = new Map<string, string>();
  const lines = stanza.split('\n').filter((line) => !line.startsWith('#'));
  for (const field of lines.join('\n').split(/\n(?=\S)/)) {
    const [, name, value = ''] = /^([^\s:]+):([^]*)$/.exec(field) ?? [];
    if (name !== undefined) {
      fields.set(name.toLowerCase(), value);
    }
  }
  const enabled = !/^(no|false|without|off|disable|0)$/i.test(fields.get('enabled')?.trim() ?? 'yes');
  if (!enabled || !words(fields.get('types')).includes('deb')) {
    return [];
  }
  return [
    {
      format: 'sources',
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      signedBy: fields.get('signed-by')?.trim(),
      write: (suites, components) => {
        const restricted = { types: ' deb', suites: ` ${suites.join(' ')}`, components: ` ${components.join(' ')}` };
        const written = new Map([...fields, ...Object.entries(restricted)]);
        return Array.from(written, ([name, value]) => `${name}:${value}`).join('\n');
      },
    },
  ];
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
