import { MayflyError } from '../../errors/mayfly-error.ts';
import { reasonOf } from '../../errors/reason.ts';
import type { Hold } from './hold.ts';

/** How many holders an error names before it only counts them. */
const longestList = 20;

/** What was seen when no space was free. */
export interface NoneFree {
  /** Milliseconds since 1970, by the server's clock. */
  readonly now: number;
  readonly holds: readonly Hold[];
}

const inRun = { service: 'redis', phase: 'run' } as const;

/** The server cannot be reached, or ended the connection, or did not answer in time. */
export function unreachable(place: string, cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_REDIS_UNREACHABLE', {
    ...inRun,
    message: `The Redis at ${place} cannot be reached: ${reasonOf(cause)}.`,
    remedy: 'See whether it still runs; what was in its spaces may be lost.',
    cause,
  });
}

/** The server answers, but spaces cannot be made on it. */
export function unavailable(place: string, reason: string, remedy: string): MayflyError {
  return new MayflyError('MAYFLY_REDIS_SPACES_UNAVAILABLE', {
    ...inRun,
    message: `The Redis at ${place} has no spaces to give: ${reason}.`,
    remedy,
  });
}

/** The server refused a command that spaces need. */
export function refused(place: string, error: Error): MayflyError {
  const remedy =
    'Name a user in the URL that may run EVAL, SELECT, INFO, CLIENT and FLUSHDB on a server that may be written.';
  return unavailable(place, `it refused a command: ${reasonOf(error)}`, remedy);
}

/** Every space was held until the taker's patience ended. */
export function exhausted(timeout: number, databases: number, { now, holds }: NoneFree): MayflyError {
  const named = holds.slice(0, longestList).map((hold) => `  - ${inWords(hold, now)}`);
  const more = holds.length > longestList ? [`  - and ${holds.length - longestList} more`] : [];
  return new MayflyError('MAYFLY_REDIS_SPACES_EXHAUSTED', {
    ...inRun,
    message: [`No Redis space was free within ${timeout} ms; all of them are held:`, ...named, ...more].join('\n'),
    remedy: `Release them, or raise redis.databases, of which the server has ${databases}.`,
  });
}

/** A space that its holder has no longer. */
export function lost(database: number, reason: string): MayflyError {
  return new MayflyError('MAYFLY_REDIS_SPACE_LOST', {
    ...inRun,
    message: `The Redis space in database ${database} is not held any more: ${reason}.`,
    remedy:
      'Take a new one; see that nothing restarts or empties the server, or ends its connections, while spaces are held.',
  });
}

/** For those who wait when the spaces are closed, or come later. */
export function closed(): MayflyError {
  return new MayflyError('MAYFLY_ENVIRONMENT_STOPPED', {
    ...inRun,
    message: 'The Redis spaces were closed.',
    remedy: 'Take spaces before the environment is stopped.',
  });
}

function inWords({ database, name, session, worker, file, since }: Hold, now: number): string {
  const of = [worker === undefined ? '' : ` in worker ${worker}`, file === undefined ? '' : ` of ${file}`].join('');
  return `database ${database}: ${name}${of}, for ${((now - since) / 1_000).toFixed(1)} s (session ${session})`;
}
