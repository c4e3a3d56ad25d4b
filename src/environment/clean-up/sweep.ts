import type { ProcessEnv } from '../../config/process-env.ts';
import { reasonOf } from '../../errors/reason.ts';
import { connectDocker } from '../../runtime/docker/client.ts';
import { sessionLabel } from '../../runtime/docker/labels.ts';
import { findStrays, removeSession } from '../../runtime/docker/remove-session.ts';
import { isOnAnotherMachine } from '../../runtime/docker/ryuk.ts';
import { isOursAndGone } from '../../session/owner.ts';
import { abandonedSessions, youngest, type AbandonedSession } from '../../session/stale-sessions.ts';
import { reapSession } from './reap-session.ts';
import { releaseStaleClaims } from './stale-claims.ts';

/** How long is tried to remove what cannot be removed at first, in milliseconds. */
const patience = 2_000;

/** A session that was swept, or would be. */
export interface SweptSession {
  readonly session: string;
  /** The directory that its run was started in; `undefined` where the record is lost. */
  readonly project: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string | undefined;
  /** What it owned, in words. */
  readonly owned: readonly string[];
  /** `found` where nothing was to be removed, `young` where it was left alone: its own reaper may be at it. */
  readonly outcome: 'found' | 'young' | 'gone' | 'busy' | 'failed';
  /** Why something of it is still there. */
  readonly failures: readonly string[];
}

/** How a sweep is done. */
export interface SweepOptions {
  /** Finds, and removes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** In milliseconds since 1970, where it is not the present. */
  readonly now?: number | undefined;
}

/**
 * Takes away what sessions of this user have left on this machine whose owners have gone without ending them, at least a
 * minute after they began; younger ones are only told of. Never throws for what cannot be removed: the answer says so.
 *
 * @throws MayflyError `MAYFLY_SESSION_UNSAFE` where others may have planted records.
 */
export async function sweep(env: ProcessEnv, options: SweepOptions): Promise<SweptSession[]> {
  const swept = await Promise.all(
    abandonedSessions(env.stateDirectory, options.now).map((abandoned) => sweepSession(abandoned, options)),
  );
  if (!options.dryRun) {
    releaseStaleClaims(env.stateDirectory);
  }
  const known = new Set(swept.map(({ session }) => session));
  return [...swept, ...(await sweepStrays(env, known, options))];
}

async function sweepSession(
  { id, directory, manifest, age }: AbandonedSession,
  { dryRun, signal }: SweepOptions,
): Promise<SweptSession> {
  const found = {
    session: id,
    project: manifest?.head.project,
    createdAt: manifest?.head.createdAt,
    owned: [...(manifest?.resources.keys() ?? [])],
  };
  if (dryRun || age <= youngest) {
    return { ...found, outcome: age <= youngest ? 'young' : 'found', failures: [] };
  }
  try {
    const reaped = await reapSession(directory, { patience, signal });
    const failures = reaped.outcome === 'failed' ? reaped.failures : [];
    return {
      ...found,
      outcome: reaped.outcome,
      failures: failures.map(({ resource, error }) => `${resource.kind}: ${reasonOf(error)}`),
    };
  } catch (error) {
    // It keeps nobody from the other sessions.
    return { ...found, outcome: 'failed', failures: [reasonOf(error)] };
  }
}

/**
 * Containers outlive the temporary directory with the records, as when the machine is started again. On another machine's
 * daemon those of a colleague whose machine and user happen to be called like ours could not be told apart: there Ryuk
 * looks after them.
 */
async function sweepStrays(
  env: ProcessEnv,
  known: ReadonlySet<string>,
  { dryRun, signal, now = Date.now() }: SweepOptions,
): Promise<SweptSession[]> {
  const client = await connectDocker(env.docker, signal).catch(() => undefined);
  if (client === undefined || isOnAnotherMachine(client)) {
    return [];
  }
  const strays = (await findStrays(client, signal)).filter(
    ({ session, owner, createdAt }) =>
      !known.has(session) && isOursAndGone(owner ?? '') && now - Date.parse(createdAt) > youngest,
  );
  const sessions = Map.groupBy(strays, ({ session }) => session);
  return Promise.all(
    [...sessions].map(async ([session, containers]): Promise<SweptSession> => {
      const found = {
        session,
        project: undefined,
        createdAt: containers[0]?.createdAt,
        owned: containers.map(({ id }) => `container:${id.slice(0, 12)}`),
      };
      if (dryRun) {
        return { ...found, outcome: 'found', failures: [] };
      }
      try {
        await removeSession(client, { label: sessionLabel, value: session }, signal);
        return { ...found, outcome: 'gone', failures: [] };
      } catch (error) {
        return { ...found, outcome: 'failed', failures: [reasonOf(error)] };
      }
    }),
  );
}
