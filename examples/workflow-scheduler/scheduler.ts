import type { Pool } from 'pg';
import type { Clock } from './clock.ts';
import { publish } from './events.ts';
import { transaction } from './transaction.ts';

export interface StartedRun {
  readonly id: string;
  readonly schedule: string;
  readonly dueAt: Date;
}

/**
 * Takes what is due and moves it on in one statement. Rows that another scheduler is at are skipped, not waited for; one
 * that it has moved on meanwhile is looked at again and is not due any more. What was missed is not made up for: the next
 * time is the first one in the future.
 */
const claim = `
  WITH due AS (
    SELECT name, next_run_at AS due_at FROM schedule
      WHERE next_run_at <= $1 AND NOT paused
      ORDER BY next_run_at LIMIT $2
      FOR UPDATE SKIP LOCKED
  ), moved AS (
    UPDATE schedule SET next_run_at = due_at + make_interval(secs =>
        schedule.every_seconds * (floor(extract(epoch FROM $1::timestamptz - due_at) / schedule.every_seconds) + 1))
      FROM due WHERE schedule.name = due.name
  )
  INSERT INTO run (schedule, due_at, started_at) SELECT name, due_at, $1 FROM due
    RETURNING id, schedule, due_at AS "dueAt"`;

/** The first is ready at once, the others when it is their turn. */
const copySteps = `
  INSERT INTO run_step (run, position, action, max_attempts, ready_at)
    SELECT run.id, position, action, max_attempts, CASE WHEN position = 1 THEN $2::timestamptz END
    FROM run JOIN schedule ON schedule.name = run.schedule JOIN template_step USING (template)
    WHERE run.id = ANY ($1)`;

/** Begins the runs that are due. There may be any number of these, in any number of processes. */
export class Scheduler {
  readonly #db: Pool;
  readonly #now: Clock;

  constructor(db: Pool, now: Clock) {
    this.#db = db;
    this.#now = now;
  }

  /** At most so many at once: the others are left for whoever comes next. */
  async startDue(limit = 10): Promise<readonly StartedRun[]> {
    const now = this.#now();
    return transaction(this.#db, async (tx) => {
      const { rows: runs } = await tx.query<StartedRun>(claim, [now, limit]);
      await tx.query(copySteps, [runs.map(({ id }) => id), now]);
      for (const { id, schedule, dueAt } of runs) {
        const times = { at: now.toISOString(), dueAt: dueAt.toISOString() };
        await publish(tx, { type: 'run-started', run: id, schedule, ...times });
      }
      return runs;
    });
  }
}
