import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import { superuser } from '../postgres-settings.ts';
import { cacheEntry, dropCacheEntry } from './cache-entry.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);

/** How long initdb may take, in milliseconds; 600 were measured. */
const initTimeout = 60_000;

/**
 * What initdb is told. The superuser has no password, so nobody gets in over TCP; the socket lies in a private
 * directory. Small log segments make a copy cheap.
 */
const initParameters: readonly string[] = [
  `--username=${superuser}`,
  '--auth-local=trust',
  '--auth-host=scram-sha-256',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--wal-segsize=1',
  '--no-sync',
  '--no-instructions',
];

/** The data directory of a stopped server, fresh from initdb, from which every server's own is copied. */
export class PostgresCluster {
  readonly #cacheDirectory: string;
  readonly #key: string;
  readonly #binaries: PostgresBinaries;
  readonly #user: ServerUser | undefined;

  constructor(cacheDirectory: string, binaries: PostgresBinaries, user: ServerUser | undefined) {
    const ingredients = JSON.stringify([binaries.version, process.platform, process.arch, initParameters, user?.uid]);
    this.#cacheDirectory = cacheDirectory;
    this.#key = `cluster-${createHash('sha256').update(ingredients).digest('hex').slice(0, 16)}`;
    this.#binaries = binaries;
    this.#user = user;
  }

  /**
   * Copies the cluster to `target`, which must not exist. One that is visibly damaged is made anew first.
   *
   * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`, `MAYFLY_POSTGRES_INIT_FAILED` or `MAYFLY_DISK_UNUSABLE`.
   */
  async copyTo(
    target: string,
    { signal, note }: { signal: AbortSignal; note: (message: string) => void },
  ): Promise<void> {
    let cluster = await this.#make(signal);
    if (!(await isWhole(cluster))) {
      note('the cached data directory is damaged; it is made anew');
      await this.discard();
      cluster = await this.#make(signal);
    }
    try {
      // cp keeps owners and modes, and was measured faster than Node's own asynchronous copy (55 ms to 320 ms).
      await run('cp', ['-a', cluster, target], { signal });
    } catch (error) {
      throw new MayflyError('MAYFLY_DISK_UNUSABLE', {
        message: `The data directory could not be written: ${reasonOf(error)}.`,
        remedy: 'Make room there, or name another directory in MAYFLY_DATA_DIR.',
        service: 'postgres',
        phase: 'start',
        cause: error,
      });
    }
  }

  /** Removes the cached cluster, so that the next copy begins with a new one. */
  async discard(): Promise<void> {
    await dropCacheEntry(this.#cacheDirectory, this.#key);
  }

  async #make(signal: AbortSignal): Promise<string> {
    const entry = await cacheEntry(this.#cacheDirectory, this.#key, async (staging) => {
      const data = join(staging, 'data');
      await mkdir(data, { mode: 0o700 });
      if (this.#user !== undefined) {
        await chown(data, this.#user.uid, this.#user.gid);
      }
      await this.#initialise(data, signal);
    });
    return join(entry, 'data');
  }

  async #initialise(data: string, signal: AbortSignal): Promise<void> {
    const initdb = join(this.#binaries.directory, 'bin', 'initdb');
    // initdb keeps to the locale of its environment where none is named, and looks at TZ: it gets neither.
    const options = { signal, timeout: initTimeout, cwd: dirname(data), env: {}, ...this.#user };
    try {
      await run(initdb, ['--pgdata', data, ...initParameters], options);
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string };
      throw new MayflyError('MAYFLY_POSTGRES_INIT_FAILED', {
        message: 'PostgreSQL could not create its data directory:',
        remedy: '`mayfly doctor` checks the binaries; glibc is needed on Linux.',
        service: 'postgres',
        phase: 'provision',
        output: stderr.trimEnd().split('\n').slice(-8),
        cause: error,
      });
    }
    await chmod(data, 0o700);
  }
}

/** A cheap look at the two files without which no server starts: a control file is always 8 KiB (pg_control.h). */
async function isWhole(cluster: string): Promise<boolean> {
  try {
    const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8');
    const control = await stat(join(cluster, 'global', 'pg_control'));
    return /^\d+\n$/.test(version) && control.size === 8_192;
  } catch {
    return false;
  }
}
