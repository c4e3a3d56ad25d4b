import { describe } from 'vitest';
import { runsOf } from './runs.ts';
import { expect, test as base } from './test-context.ts';
import type { Task } from './worker.ts';

const test = base
  /** A run of the nightly backup, just begun: dump once, upload up to four times, verify up to twice. */
  .extend('begin', ({ make, scheduler }) => async () => {
    const { name } = await make.schedule();
    await scheduler.startDue();
    return name;
  })
  .extend(
    'lastRun',
    ({ pg }) =>
      async (schedule: string) =>
        (await runsOf(pg, schedule))[0],
  )
  /** A worker that has begun to upload, and goes on when the test says so. */
  .extend('slow', async ({ begin, make }) => {
    const schedule = await begin();
    const begun = Promise.withResolvers<void>();
    const rest = Promise.withResolvers<void>();
    const upload = async () => {
      begun.resolve();
      await rest.promise;
    };
    const worker = make.worker({ upload });
    await worker.work();
    const uploading = worker.work();
    await begun.promise;
    return { schedule, uploading, goOn: rest.resolve };
  });

/** Fails in its first attempts, and counts them all. */
function failing(times: number) {
  const attempts: number[] = [];
  const upload = async ({ attempt }: Task) => {
    attempts.push(attempt);
    if (attempts.length <= times) {
      throw new Error(`the disk is full (${attempt})`);
    }
  };
  return { attempts, upload };
}

test('the steps of a run are done in their order', async ({ begin, lastRun, make }) => {
  const schedule = await begin();

  expect(await make.worker().drain()).toMatchObject([
    { action: 'dump', outcome: 'succeeded' },
    { action: 'upload', outcome: 'succeeded' },
    { action: 'verify', outcome: 'succeeded' },
  ]);
  expect(await lastRun(schedule)).toMatchObject({ state: 'succeeded' });
});

test('a step that fails is tried again after 10 s, then 20, then 40', async ({ begin, clock, lastRun, make }) => {
  const schedule = await begin();
  const { upload, attempts } = failing(3);
  const worker = make.worker({ upload });

  expect(await worker.drain()).toMatchObject([{ action: 'dump' }, { action: 'upload', outcome: 'retried' }]);
  for (const [index, seconds] of [10, 20, 40].entries()) {
    clock.advance({ seconds: seconds - 1 });
    expect(await worker.drain()).toEqual([]);
    clock.advance({ seconds: 1 });
    expect(await worker.work()).toMatchObject({ attempt: index + 2, outcome: index < 2 ? 'retried' : 'succeeded' });
  }

  expect(attempts).toEqual([1, 2, 3, 4]);
  await worker.drain();
  expect(await lastRun(schedule)).toMatchObject({ state: 'succeeded', steps: [{}, { attempts: 4, error: null }, {}] });
});

test('a step without attempts left ends the run, and nothing after it is done', async ({ begin, lastRun, make }) => {
  const schedule = await begin();
  const worker = make.worker({
    dump: async () => {
      throw new Error('no such database');
    },
  });

  expect(await worker.drain()).toMatchObject([{ action: 'dump', outcome: 'failed' }]);
  expect(await lastRun(schedule)).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', error: 'no such database' }, { state: 'waiting' }, { state: 'waiting' }],
  });
});

test('an action that there is not is no reason to try again', async ({ clock, lastRun, make, scheduler }) => {
  const template = await make.template([{ action: 'teleport', maxAttempts: 9 }]);
  const { name } = await make.schedule({ template });
  await scheduler.startDue();

  expect(await make.worker().drain()).toMatchObject([{ attempt: 1, outcome: 'failed' }]);
  clock.advance({ seconds: 1_000_000 });
  expect(await make.worker().drain()).toEqual([]);
  expect(await lastRun(name)).toMatchObject({
    steps: [{ error: 'There is no action "teleport". There are: collect, dump, send, upload, verify.' }],
  });
});

test('12 workers do each step of 20 runs once', async ({ make, pg, scheduler }) => {
  const done: string[] = [];
  const count = (action: string) => async (task: Task) => void done.push(`${task.run} ${action}`);
  const actions = { dump: count('dump'), upload: count('upload'), verify: count('verify') };
  await Promise.all(Array.from({ length: 20 }, async () => make.schedule()));
  await scheduler.startDue(20);

  const work = async () => make.worker(actions).drain();
  await Promise.all(Array.from({ length: 12 }, work));
  // A worker may have left while another was at the step before; the last one has left nothing.
  await work();

  expect(done).toHaveLength(60);
  expect(new Set(done).size).toBe(60);
  const { rows } = await pg.query('SELECT DISTINCT state FROM run');
  expect(rows).toEqual([{ state: 'succeeded' }]);
});

describe('a worker that is not heard of again', () => {
  test('has its step done by another, but only after a minute', async ({ clock, lastRun, make, slow }) => {
    clock.advance({ seconds: 59 });
    expect(await make.worker().drain()).toEqual([]);
    clock.advance({ seconds: 1 });

    expect(await make.worker().drain()).toMatchObject([{ action: 'upload', attempt: 2 }, { action: 'verify' }]);
    expect(await lastRun(slow.schedule)).toMatchObject({ state: 'succeeded' });
    slow.goOn();
    await slow.uploading;
  });

  test('changes nothing if it comes back', async ({ clock, lastRun, make, slow }) => {
    clock.advance({ seconds: 60 });
    const { upload } = failing(1);
    await make.worker({ upload }).drain();

    slow.goOn();

    expect(await slow.uploading).toMatchObject({ attempt: 1, outcome: 'superseded' });
    expect(await lastRun(slow.schedule)).toMatchObject({ state: 'running', steps: [{}, { attempts: 2 }, {}] });
  });

  test('has made the only attempt there was', async ({ clock, lastRun, make, pg, scheduler }) => {
    const { name } = await make.schedule();
    await scheduler.startDue();
    await pg.query(`UPDATE run_step SET state = 'running', attempts = 1 WHERE action = 'dump'`);
    clock.advance({ seconds: 60 });

    expect(await make.worker().drain()).toMatchObject([{ action: 'dump', outcome: 'failed' }]);
    expect(await lastRun(name)).toMatchObject({
      state: 'failed',
      steps: [{ error: 'Whoever made the last attempt was not heard of again.' }, {}, {}],
    });
  });
});
