import { isAbsolute } from 'node:path';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { serverNames, type RedisBinary } from './redis-binary.ts';
import { findOnPath } from './search-path.ts';
import { tryRedis } from './try-redis.ts';

/** What PATH has to offer. */
export interface RedisOnPath {
  readonly binary: RedisBinary | undefined;
  /** The servers that were passed over, each with the reason. */
  readonly skipped: readonly string[];
}

/**
 * Takes the server that the user names.
 *
 * @throws MayflyError `MAYFLY_REDIS_BINARY_MISSING` when it is not there, or is not a Redis server that runs.
 */
export async function useConfigured(executable: string, signal: AbortSignal): Promise<RedisBinary> {
  const trial = isAbsolute(executable)
    ? await tryRedis(executable, undefined, signal)
    : ({ works: false, reason: 'it is not an absolute path' } as const);
  if (!trial.works) {
    throw new MayflyError('MAYFLY_REDIS_BINARY_MISSING', {
      message: `MAYFLY_REDIS_BINARY names "${executable}", which cannot be used: ${trial.reason}.`,
      remedy: 'Set it to the absolute path of a redis-server or valkey-server, or unset it to have one found.',
      phase: 'provision',
    });
  }
  const { flavour, version } = trial;
  return { executable, libraryPath: undefined, flavour, version, source: 'configured' };
}

/** Looks for a server that runs in the directories of a PATH: for Redis in all of them, then for Valkey. */
export async function searchForRedis(searchPath: string, signal: AbortSignal): Promise<RedisOnPath> {
  const skipped: string[] = [];
  for (const name of serverNames) {
    for (const executable of await findOnPath(name, searchPath)) {
      const trial = await tryRedis(executable, undefined, signal);
      if (trial.works) {
        const { flavour, version } = trial;
        return { binary: { executable, libraryPath: undefined, flavour, version, source: 'path' }, skipped };
      }
      skipped.push(`${executable}: ${trial.reason}`);
    }
  }
  return { binary: undefined, skipped };
}
