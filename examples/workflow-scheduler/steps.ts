import type { Pool } from 'pg';
import { publish } from './events.ts';
import { transaction } from './transaction.ts';

export interface ClaimedStep {
  readonly run: string;
  readonly schedule: string;
  readonly position: number;
  readonly action: string;
  readonly attempt: number;
  readonly maxAttempts: number;
}

export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'retried'; readonly error: string; readonly nextAttemptAt: Date }
  | { readonly kind: 'failed'; readonly error: string };

/** A notification of Postgres has at most 8000 bytes. */
const longestError = 500;

/** The step that has been ready for longest, for one who has until `deadline` for it. */
export async function claimStep(db: Pool, now: Date, deadline: Date): Promise<ClaimedStep | undefined> {
  const { rows } = await db.query<ClaimedStep>(
    `WITH next AS (
       SELECT run, position FROM run_step WHERE ready_at <= $1
         ORDER BY ready_at, run LIMIT 1
         FOR UPDATE SKIP LOCKED
     )
     UPDATE run_step AS step SET state = 'running', attempts = attempts + 1, ready_at = $2
       FROM next JOIN run ON run.id = next.run
       WHERE step.run = next.run AND step.position = next.position
       RETURNING step.run, run.schedule, step.position, action, attempts AS attempt, max_attempts AS "maxAttempts"`,
    [now, deadline],
  );
  return rows[0];
}

/**
 * Writes down what came of an attempt, and what follows for the run. Not where another attempt has begun meanwhile: then
 * that one counts, and the answer is false.
 */
export async function settle(db: Pool, step: ClaimedStep, outcome: Outcome, now: Date): Promise<boolean> {
  const { run, schedule, position, action, attempt } = step;
  const about = { run, schedule, at: now.toISOString() };
  const error = outcome.kind === 'succeeded' ? null : outcome.error.slice(0, longestError);

  return transaction(db, async (tx) => {
    const written = await tx.query(
      `UPDATE run_step SET state = $4, ready_at = $5, error = $6
         WHERE run = $1 AND position = $2 AND attempts = $3 AND state = 'running'`,
      [
        run,
        position,
        attempt,
        outcome.kind === 'retried' ? 'waiting' : outcome.kind,
        outcome.kind === 'retried' ? outcome.nextAttemptAt : null,
        error,
      ],
    );
    if (written.rowCount === 0) {
      return false;
    }
    const ofStep = { ...about, action, attempt };
    switch (outcome.kind) {
      case 'retried': {
        const nextAttemptAt = outcome.nextAttemptAt.toISOString();
        await publish(tx, { type: 'step-retried', ...ofStep, error: error ?? '', nextAttemptAt });
        return true;
      }
      case 'failed':
        await publish(tx, { type: 'step-failed', ...ofStep, error: error ?? '' });
        await finish('failed');
        return true;
      case 'succeeded': {
        await publish(tx, { type: 'step-succeeded', ...ofStep });
        const next = 'UPDATE run_step SET ready_at = $3 WHERE run = $1 AND position = $2';
        const { rowCount } = await tx.query(next, [run, position + 1, now]);
        if (rowCount === 0) {
          await finish('succeeded');
        }
        return true;
      }
    }

    async function finish(state: 'succeeded' | 'failed'): Promise<void> {
      await tx.query('UPDATE run SET state = $2, finished_at = $3 WHERE id = $1', [run, state, now]);
      await publish(tx, { type: `run-${state}`, ...about });
    }
  });
}
