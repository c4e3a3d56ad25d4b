import { uniqueNames } from 'mayfly/testkit';
import { expect, mayflyTest } from 'mayfly/vitest';
import { factories } from './factories.ts';
import { ManualClock } from './manual-clock.ts';
import definition from './mayfly.config.ts';
import { Scheduler } from './scheduler.ts';
import { Schedules } from './schedules.ts';
import { subscriber } from './subscriber.ts';

export { expect };

/** vitest's `test` with a clock of its own, schedules made to order, and clients of the server. */
export const test = mayflyTest(definition)
  .extend('clock', () => new ManualClock())
  .extend('make', ({ pg, clock, task }) => factories(pg, clock, uniqueNames(task.file.filepath)))
  .extend('schedules', ({ pg }) => new Schedules(pg))
  .extend('scheduler', ({ pg, clock }) => new Scheduler(pg, clock.now))
  .extend('feed', ({ services }) => services.feed)
  .extend('live', ({ services }) => services.live)
  .extend('subscribe', ({ task, signal }, { onCleanup }) => subscriber({ task, signal, onCleanup }));
