import { readProcessEnv } from '../../config/process-env.ts';
import { sweep as sweepSessions, type SweptSession } from '../../environment/clean-up/sweep.ts';
import { dropTrees, findExcess, type CachedTree } from '../../runtime/embedded/cache/trim-cache.ts';
import { onTermination } from '../../session/signals.ts';
import { answer, paint, say } from '../output.ts';
import { headline } from '../summary.ts';

export interface SweepFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly cache?: boolean;
}

/** How long a sweep tries, in milliseconds: what cannot be removed by then is said. */
const longest = 20_000;

const day = 24 * 60 * 60 * 1000;

/** What the cache keeps: what was used within a month, and two gibibytes. */
const cacheLimits = { age: 30 * day, size: 2 * 2 ** 30 };

/** `mayfly sweep`: what was found is listed on standard output; exit code 0 when nothing is left of what was found, 1 when something is. */
export async function sweep({ dryRun = false, json, cache = false }: SweepFlags): Promise<number> {
  const env = readProcessEnv();
  const interruption = new AbortController();
  const release = onTermination(() => interruption.abort());
  try {
    const signal = AbortSignal.any([interruption.signal, AbortSignal.timeout(longest)]);
    const sessions = await sweepSessions(env, { dryRun, signal });
    const excess = cache ? await findExcess(env.cacheDirectory, cacheLimits) : [];
    if (!dryRun) {
      await dropTrees(excess);
    }
    tell({ dryRun, sessions, cache: excess }, json);
    return sessions.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
  } finally {
    release();
  }
}

interface Swept {
  readonly dryRun: boolean;
  readonly sessions: readonly SweptSession[];
  readonly cache: readonly CachedTree[];
}

function tell(swept: Swept, json: boolean | undefined): void {
  if (json) {
    answer(JSON.stringify(swept, undefined, 2));
    return;
  }
  const { dryRun, cache } = swept;
  const young = swept.sessions.filter(({ outcome }) => outcome === 'young').length;
  const sessions = swept.sessions.filter(({ outcome }) => outcome !== 'young');
  sessions.flatMap(describeSession).forEach(answer);
  for (const { path, size } of cache) {
    answer(headline(`${dryRun ? 'would drop' : 'dropped'} ${path} (${Math.round(size / 2 ** 20)} MiB)`));
  }
  if (young > 0) {
    say(headline(`${young === 1 ? '1 session was' : `${young} sessions were`} left alone: younger than a minute`));
  } else if (sessions.length + cache.length === 0) {
    say(headline('there was nothing to sweep'));
  }
}

const outcomes = {
  found: 'would be removed',
  young: 'is left alone',
  gone: 'removed',
  busy: 'is being removed by another process',
} as const;

function describeSession({ session, project, owned, outcome, failures }: SweptSession): string[] {
  const what = `session ${session}${project === undefined ? '' : ` of ${project}`}`;
  const parts = owned.length === 0 ? '' : ` (${owned.join(', ')})`;
  return outcome === 'failed'
    ? [
        headline(`${what} ${paint('red', 'could not be removed')}:`),
        ...failures.map((failure) => `          ${failure}`),
      ]
    : [headline(`${what} ${outcomes[outcome]}${parts}`)];
}
