import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMayflyError, MayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import { defineEnvironment, type EnvironmentDefinition } from './definition.ts';

/** A definition may have to be waited for. */
interface ConfigModule {
  readonly default?: EnvironmentDefinition | Promise<EnvironmentDefinition>;
}

const names = ['mayfly.config.ts', 'mayfly.config.mts', 'mayfly.config.js', 'mayfly.config.mjs'];

/** A definition and the file that it comes from, if it comes from one. */
export interface LoadedDefinition {
  readonly definition: EnvironmentDefinition;
  readonly file: string | undefined;
  /** Where relative paths in the definition begin. */
  readonly directory: string;
}

/**
 * Loads the named config file, or the nearest one in `directory` and those above it; where there is none, the
 * definition is the default one. TypeScript is loaded by Node itself.
 *
 * @throws MayflyError `MAYFLY_CONFIG_NOT_FOUND`, `MAYFLY_CONFIG_LOAD_FAILED`, `MAYFLY_CONFIG_NO_DEFAULT_EXPORT`, or
 * one of those of `defineEnvironment`.
 */
export async function loadDefinition(directory: string, named?: string): Promise<LoadedDefinition> {
  const file = named === undefined ? await findUpwards(directory) : await findNamed(directory, named);
  return file === undefined
    ? { definition: {}, file, directory }
    : { definition: await load(file), file, directory: dirname(file) };
}

/** The directory of the nearest config file, or `directory` itself where there is none: what a project is known by. */
export async function findProject(directory: string): Promise<string> {
  const file = await findUpwards(directory);
  return file === undefined ? directory : dirname(file);
}

async function findUpwards(directory: string): Promise<string | undefined> {
  for (const name of names) {
    const file = join(directory, name);
    if (await exists(file)) {
      return file;
    }
  }
  const parent = dirname(directory);
  return parent === directory ? undefined : findUpwards(parent);
}

/**
 * The config file that is named, seen from `directory`.
 *
 * @throws MayflyError `MAYFLY_CONFIG_NOT_FOUND`.
 */
export async function findNamed(directory: string, named: string): Promise<string> {
  const file = resolve(directory, named);
  if (await exists(file)) {
    return file;
  }
  throw new MayflyError('MAYFLY_CONFIG_NOT_FOUND', {
    message: `The config file ${file} does not exist.`,
    remedy: 'Correct the path after --config.',
    phase: 'configure',
  });
}

async function load(file: string): Promise<EnvironmentDefinition> {
  let definition: EnvironmentDefinition | undefined;
  try {
    const module = (await import(pathToFileURL(file).href)) as ConfigModule;
    definition = await module.default;
  } catch (error) {
    if (isMayflyError(error)) {
      throw error;
    }
    if (/import statement outside a module|Unexpected token 'export'/.test(reasonOf(error))) {
      throw readAsCommonJs(file, error);
    }
    throw new MayflyError('MAYFLY_CONFIG_LOAD_FAILED', {
      message: `The config file ${file} could not be loaded: ${reasonOf(error)}.`,
      remedy: isTooOld(error)
        ? `This is Node ${process.versions.node}: Mayfly needs 22.22, 24.12, or 26 and newer, which load TypeScript.`
        : 'Mend the file; `node FILE` shows the place.',
      phase: 'configure',
      cause: error,
    });
  }
  if (definition === undefined) {
    throw new MayflyError('MAYFLY_CONFIG_NO_DEFAULT_EXPORT', {
      message: `The config file ${file} has no default export.`,
      remedy: 'Write `export default defineEnvironment({ … })`.',
      phase: 'configure',
    });
  }
  return defineEnvironment(definition);
}

/** Whether this Node cannot load TypeScript; the command line does not come as far, but vitest may. */
function isTooOld(error: unknown): boolean {
  return /Unknown file extension "\.m?ts"/.test(reasonOf(error));
}

/** In other words than Node's, in which vitest sees a fault of this package. */
function readAsCommonJs(file: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_CONFIG_LOAD_FAILED', {
    message: `The config file ${file} is read as CommonJS, because of the nearest package.json.`,
    remedy: 'Name it mayfly.config.mts, or write "type": "module" into package.json.',
    phase: 'configure',
    cause,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
