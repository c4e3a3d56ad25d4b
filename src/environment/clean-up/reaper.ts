/**
 * The reaper: a program that takes away what the session in a directory owns, whose owner has ended without having done
 * so. It ends by itself, at the latest after a minute; what it could not take away by then, the next sweep tries.
 */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from '../../errors/reason.ts';
import { onTermination } from '../../session/signals.ts';
import { reapSession } from './reap-session.ts';
import { releaseStaleClaims } from './stale-claims.ts';

/** In milliseconds. */
const longest = 60_000;

const [, , directory = '', patience = ''] = process.argv;
// Whoever ended the owner may mean to end us too, and does not know what for.
onTermination(() => {});
const reaped = await reapSession(directory, { patience: Number(patience), signal: AbortSignal.timeout(longest) });
if (reaped.outcome === 'failed') {
  const lines = reaped.failures.map(({ resource, error }) => `${resource.kind}: ${reasonOf(error)}\n`);
  appendFileSync(join(directory, 'reaper.log'), lines.join(''), { mode: 0o600 });
}
releaseStaleClaims(dirname(dirname(directory)));
// Idle connections of the Docker client would keep it for seconds.
// oxlint-disable-next-line unicorn/no-process-exit -- a program of its own
process.exit();
