import type { Pool } from 'pg';
import { Schedules } from './schedules.ts';

export interface StepOfRun {
  readonly action: string;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed';
  readonly attempts: number;
  readonly error: string | null;
}

export interface Run {
  readonly id: string;
  readonly dueAt: Date;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly steps: readonly StepOfRun[];
}

/**
 * What a schedule has run, the latest first.
 *
 * @throws UnknownName where there is no such schedule.
 */
export async function runsOf(db: Pool, schedule: string): Promise<readonly Run[]> {
  await new Schedules(db).find(schedule);
  const { rows } = await db.query<Run>(
    `SELECT run.id, due_at AS "dueAt", run.state,
         json_agg(json_build_object('action', action, 'state', step.state, 'attempts', attempts, 'error', error)
           ORDER BY position) AS steps
       FROM run JOIN run_step AS step ON step.run = run.id
       WHERE schedule = $1 GROUP BY run.id ORDER BY due_at DESC`,
    [schedule],
  );
  return rows;
}
