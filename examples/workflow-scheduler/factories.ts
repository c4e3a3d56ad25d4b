import type { UniqueNames } from 'mayfly/testkit';
import type { Pool } from 'pg';
import type { ManualClock } from './manual-clock.ts';
import { Schedules, type Schedule } from './schedules.ts';
import { Templates, type Steps } from './templates.ts';
import { Worker, type Actions } from './worker.ts';

export interface Factories {
  /** A schedule with a name of its own, due now, of a template that every database has, but for what is said. */
  readonly schedule: (fields?: Partial<Schedule>) => Promise<Schedule>;
  /** A template with a name of its own, which is given back. */
  readonly template: (steps: Steps) => Promise<string>;
  /** One whose actions succeed, but for those that are given, and whose backoff leaves nothing to chance. */
  readonly worker: (actions?: Actions) => Worker;
}

const succeed: Actions = Object.fromEntries(
  ['dump', 'upload', 'verify', 'collect', 'send'].map((action) => [action, async () => {}]),
);

export function factories(db: Pool, clock: ManualClock, names: UniqueNames): Factories {
  const schedule = async (fields: Partial<Schedule> = {}): Promise<Schedule> =>
    new Schedules(db).ensure({
      name: names.slug('schedule'),
      template: 'nightly-backup',
      everySeconds: 3_600,
      nextRunAt: clock.now(),
      paused: false,
      ...fields,
    });
  const template = async (steps: Steps): Promise<string> => {
    const name = names.slug('template');
    await new Templates(db).ensure(name, steps);
    return name;
  };
  const worker = (actions: Actions = {}): Worker =>
    new Worker(db, {
      now: clock.now,
      actions: { ...succeed, ...actions },
      backoff: { base: 10_000, max: 60_000, random: () => 1 },
    });
  return { schedule, template, worker };
}
