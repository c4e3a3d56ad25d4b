import { describe } from 'vitest';
import { runsOf } from './runs.ts';
import { Scheduler } from './scheduler.ts';
import { expect, test } from './test-context.ts';

test('a schedule is run when it is due, and not again until it is due again', async ({ clock, make, scheduler }) => {
  const { name } = await make.schedule({ everySeconds: 3_600 });

  expect(await scheduler.startDue()).toMatchObject([{ schedule: name, dueAt: clock.now() }]);
  clock.advance({ seconds: 3_599 });
  expect(await scheduler.startDue()).toEqual([]);
  clock.advance({ seconds: 1 });
  expect(await scheduler.startDue()).toMatchObject([{ schedule: name, dueAt: clock.now() }]);
});

test('what was missed is run once, and then at its usual time', async ({ clock, make, scheduler, schedules }) => {
  const { name, nextRunAt } = await make.schedule({ everySeconds: 3_600 });
  clock.advance({ seconds: 10 * 3_600 + 1 });

  expect(await scheduler.startDue()).toMatchObject([{ dueAt: nextRunAt }]);
  expect(await scheduler.startDue()).toEqual([]);
  expect(await schedules.find(name)).toMatchObject({ nextRunAt: new Date('2027-05-01T11:00:00Z') });
});

test('a schedule that is paused is never due, until it is resumed', async ({ clock, make, scheduler, schedules }) => {
  const { name } = await make.schedule({ paused: true });
  clock.advance({ seconds: 1_000_000 });
  expect(await scheduler.startDue()).toEqual([]);

  await schedules.setPaused(name, false);

  expect(await scheduler.startDue()).toMatchObject([{ schedule: name }]);
});

test('those that have waited for longest come first, and no more than are asked for', async ({
  clock,
  make,
  scheduler,
}) => {
  const late = await make.schedule();
  const later = await make.schedule({ nextRunAt: new Date(clock.now().getTime() - 1) });

  expect(await scheduler.startDue(1)).toMatchObject([{ schedule: later.name }]);
  expect(await scheduler.startDue(1)).toMatchObject([{ schedule: late.name }]);
});

test('a run has the steps that the template had when it began', async ({ make, pg, scheduler }) => {
  const { name } = await make.schedule({ template: 'weekly-digest' });
  await scheduler.startDue();
  await pg.query(`DELETE FROM template_step WHERE template = 'weekly-digest'`);

  expect(await runsOf(pg, name)).toMatchObject([
    { state: 'running', steps: [{ action: 'collect' }, { action: 'send' }] },
  ]);
});

describe.for([2, 8, 32])('%i schedulers at the same time', (contenders) => {
  test('run each of 60 schedules once', async ({ clock, make, pg }) => {
    const schedules = await Promise.all(Array.from({ length: 60 }, async () => make.schedule()));
    const schedulers = Array.from({ length: contenders }, () => new Scheduler(pg, clock.now));

    // Each until it finds nothing: what it skipped, another has.
    const started = await Promise.all(
      schedulers.map(async (scheduler) => {
        const all: string[] = [];
        for (let some = await scheduler.startDue(4); some.length > 0; some = await scheduler.startDue(4)) {
          all.push(...some.map(({ schedule }) => schedule));
        }
        return all;
      }),
    );

    expect(started.flat().toSorted()).toEqual(schedules.map(({ name }) => name).toSorted());
    const { rows } = await pg.query('SELECT schedule FROM run ORDER BY schedule');
    expect(rows).toHaveLength(60);
  });
});

test('what another scheduler is at is skipped, not waited for', async ({ make, pg, scheduler }) => {
  const [taken, free] = [await make.schedule(), await make.schedule()];
  const other = await pg.connect();
  await other.query('BEGIN');
  await other.query('SELECT FROM schedule WHERE name = $1 FOR UPDATE', [taken.name]);

  // Were it waited for, this would not end: the other goes on only after it.
  expect(await scheduler.startDue()).toMatchObject([{ schedule: free.name }]);

  await other.query('ROLLBACK');
  other.release();
  expect(await scheduler.startDue()).toMatchObject([{ schedule: taken.name }]);
});

test('the constraint alone keeps a run from being written twice', async ({ make, pg, scheduler }) => {
  const { name, nextRunAt } = await make.schedule();
  await scheduler.startDue();
  // As though somebody had claimed it without the lock.
  await pg.query('UPDATE schedule SET next_run_at = $2 WHERE name = $1', [name, nextRunAt]);

  await expect(scheduler.startDue()).rejects.toThrow(/run_once/);
});
