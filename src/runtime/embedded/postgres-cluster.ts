import { createHash } from 'node:crypto';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { ServiceContext } from '../../service/service.ts';
import { superuser } from '../postgres-settings.ts';
import { cacheEntry, type CacheEntry } from './cache/cache-entry.ts';
import { cacheUnusable } from './cache/cache-unusable.ts';
import { dropEntry } from './cache/drop-entry.ts';
import { packDirectory, unpackArchive } from './data-archive.ts';
import { environmentOf, type PostgresBinaries } from './postgres-binaries.ts';
import { runCommand } from './run-command.ts';
import type { ServerUser } from './server-user.ts';
import { removeSharedMemory } from './shared-memory.ts';

const archiveName = 'data.tar';

/** How long initdb may take, in milliseconds; 600 were measured. */
const initTimeout = 60_000;

/**
 * What initdb is told. The superuser has no password, so nobody gets in over TCP; the socket lies in a private
 * directory. Small log segments make a copy small.
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
  // Killed half-way, it leaves nothing in shared memory.
  '--set=dynamic_shared_memory_type=mmap',
  '--no-sync',
  '--no-instructions',
];

/** The data directory of a stopped server, fresh from initdb, from which every server's own is unpacked. */
export class PostgresCluster {
  readonly #cacheDirectory: string;
  readonly #key: string;
  readonly #binaries: PostgresBinaries;
  readonly #user: ServerUser | undefined;
  /** What was unpacked last. */
  #entry: CacheEntry | undefined;

  constructor(cacheDirectory: string, binaries: PostgresBinaries, user: ServerUser | undefined) {
    const ingredients = JSON.stringify([
      archiveName,
      binaries.version,
      process.platform,
      process.arch,
      initParameters,
      user?.uid,
    ]);
    this.#cacheDirectory = cacheDirectory;
    this.#key = `cluster-${createHash('sha256').update(ingredients).digest('hex').slice(0, 16)}`;
    this.#binaries = binaries;
    this.#user = user;
  }

  /**
   * Unpacks the cluster into `target`, a new directory. One that is visibly damaged is made anew first.
   *
   * @throws MayflyError `MAYFLY_CACHE_UNUSABLE`, `MAYFLY_POSTGRES_INIT_FAILED` or `MAYFLY_DISK_UNUSABLE`.
   */
  async unpackTo(target: string, { signal, note }: Pick<ServiceContext, 'signal' | 'note'>): Promise<void> {
    if ((await this.#unpackOnce(target, signal)) === undefined) {
      return;
    }
    note('the cached data directory is damaged; it is made anew');
    await this.discard();
    await rm(target, { recursive: true, force: true });
    const complaint = await this.#unpackOnce(target, signal);
    if (complaint !== undefined) {
      const why = `the data directory that was just made in it cannot be unpacked (${complaint})`;
      throw cacheUnusable(this.#cacheDirectory, why);
    }
  }

  /** Removes the cached cluster that was unpacked, so that the next use begins with a new one. */
  async discard(): Promise<void> {
    if (this.#entry !== undefined) {
      await dropEntry(this.#entry);
    }
  }

  /** @returns why the archive is damaged; `undefined` when it is not. */
  async #unpackOnce(target: string, signal: AbortSignal): Promise<string | undefined> {
    this.#entry = await this.#make(signal);
    await mkdir(target, { mode: 0o700 });
    return unpackArchive(join(this.#entry.directory, archiveName), target, signal);
  }

  async #make(signal: AbortSignal): Promise<CacheEntry> {
    return cacheEntry(this.#cacheDirectory, this.#key, async (tree) => {
      const data = join(tree, 'data');
      await mkdir(data, { mode: 0o700 });
      if (this.#user !== undefined) {
        await chown(data, this.#user.uid, this.#user.gid);
      }
      try {
        await this.#initialise(data, signal);
        await packDirectory(data, join(tree, archiveName), signal);
      } finally {
        // Of an initdb that was killed.
        await removeSharedMemory(data);
        await rm(data, { recursive: true, force: true, maxRetries: 3 });
      }
    });
  }

  async #initialise(data: string, signal: AbortSignal): Promise<void> {
    const initdb = join(this.#binaries.directory, 'bin', 'initdb');
    // initdb keeps to the locale of its environment where none is named, and looks at TZ: it gets neither.
    const environment = environmentOf(this.#binaries);
    const options = { signal, deadline: initTimeout, environment, user: this.#user };
    const outcome = await runCommand(initdb, ['--pgdata', resolve(data), ...initParameters], options);
    if (outcome.ending === 'exited' && outcome.exitCode === 0) {
      return;
    }
    const complaint = outcome.ending === 'unrunnable' ? outcome.reason : outcome.stderr;
    throw new MayflyError('MAYFLY_POSTGRES_INIT_FAILED', {
      message: 'PostgreSQL could not create its data directory:',
      remedy: '`mayfly doctor` checks the binaries; glibc is needed on Linux.',
      service: 'postgres',
      phase: 'provision',
      output: complaint.trimEnd().split('\n').slice(-8),
    });
  }
}
