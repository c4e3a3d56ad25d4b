import { collectEvents, connectWebSocket, nextEvent } from 'mayfly/testkit';
import { publish } from './events.ts';
import { expect, test } from './test-context.ts';

// One server for all tests of this file: up before the first of them, closed after the last, on a port that was free.
test.override('leaseScope', 'file');
test.beforeAll(async ({ fileLease }) => {
  await fileLease.services();
});

test('the server is ready before the first test', async ({ live }) => {
  expect((await live.fetch('/health')).status).toBe(200);
});

test('a subscriber hears of a run from its beginning to its end', async ({
  clock,
  make,
  live,
  scheduler,
  subscribe,
}) => {
  const { name } = await make.schedule();
  const client = await subscribe(live, name);

  const started = await scheduler.startDue();
  await make.worker().drain();

  const told = await client.collect(5);
  expect(told.map(({ type }) => type)).toEqual([
    'run-started',
    'step-succeeded',
    'step-succeeded',
    'step-succeeded',
    'run-succeeded',
  ]);
  const run = started.find(({ schedule }) => schedule === name)?.id;
  const about = { run, schedule: name, at: clock.now().toISOString() };
  expect(told).toEqual(told.map((event) => ({ ...event, ...about })));
  expect(client.unread).toEqual([]);
});

test('it hears of a failure, and when there is another attempt', async ({
  clock,
  make,
  live,
  scheduler,
  subscribe,
}) => {
  const { name } = await make.schedule();
  const client = await subscribe(live, name);
  await scheduler.startDue();
  const upload = async ({ attempt }: { attempt: number }) => {
    if (attempt === 1) {
      throw new Error('the disk is full');
    }
  };
  const worker = make.worker({ upload });

  await worker.drain();
  const retried = await client.next((event) => event.type === 'step-retried');
  expect(retried).toMatchObject({ action: 'upload', error: 'the disk is full' });
  clock.set(retried.nextAttemptAt);
  await worker.drain();

  expect(await client.next((event) => event.type === 'step-succeeded' && event.action === 'upload')).toMatchObject({
    attempt: 2,
    at: retried.nextAttemptAt,
  });
  await client.next(({ type }) => type === 'run-succeeded');
});

test('all who listen hear it, each of its own schedule only', async ({ make, live, scheduler, subscribe }) => {
  const [one, other] = [await make.schedule(), await make.schedule()];
  const clients = await Promise.all([one, one, one, other].map(async ({ name }) => subscribe(live, name)));

  await scheduler.startDue();
  await make.worker().drain();

  const told = await Promise.all(clients.map(async (client) => client.collect(5)));
  expect(told.map((events) => [...new Set(events.map(({ schedule }) => schedule))])).toEqual([
    [one.name],
    [one.name],
    [one.name],
    [other.name],
  ]);
  expect(clients.flatMap(({ unread }) => unread)).toEqual([]);
});

test('what is rolled back was never told', async ({ clock, make, live, pg, subscribe }) => {
  const { name } = await make.schedule();
  const client = await subscribe(live, name);
  const event = { type: 'run-succeeded', schedule: name, at: clock.now().toISOString() } as const;
  const tx = await pg.connect();

  await tx.query('BEGIN');
  await publish(tx, { ...event, run: 'given up' });
  await tx.query('ROLLBACK');
  await publish(tx, { ...event, run: 'committed' });
  tx.release();

  expect(await client.next()).toMatchObject({ run: 'committed' });
});

test('a schedule that there is not is refused by its name', async ({ live }) => {
  await expect(connectWebSocket(live.websocketUrl('/schedules/nothing/events'))).rejects.toMatchObject({
    status: 404,
    body: expect.stringContaining('There is no schedule \\"nothing\\".'),
  });
  const answer = await live.fetch('/schedules/nothing/runs');
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'unknown-schedule' }]);
});

test('who comes too late to listen can look', async ({ make, live, scheduler }) => {
  const { name } = await make.schedule({ template: 'weekly-digest' });
  await scheduler.startDue();
  await make.worker().drain();

  const answer = await live.fetch(`/schedules/${name}/runs`);

  expect(await answer.json()).toMatchObject([
    { state: 'succeeded', steps: [{ action: 'collect' }, { action: 'send' }] },
  ]);
});

test('in this process an event is waited for without a socket, and no listener is left', async ({
  feed,
  make,
  scheduler,
}) => {
  const { name } = await make.schedule();
  const before = feed.listenerCount('event');
  const ofThis = ([{ schedule }]: [{ schedule: string }]) => schedule === name;

  const ended = nextEvent(feed, 'event', { filter: ([event]) => ofThis([event]) && event.type === 'run-succeeded' });
  const all = collectEvents(feed, 'event', 5, { filter: ofThis });
  await scheduler.startDue();
  await make.worker().drain();

  expect(await ended).toMatchObject([{ schedule: name }]);
  expect(await all).toHaveLength(5);
  expect(feed.listenerCount('event')).toBe(before);
});

test('a wait in vain says what came instead, and leaves no listener', async ({ feed, make, scheduler }) => {
  const { name } = await make.schedule();
  const before = feed.listenerCount('event');
  const vain = new AbortController();

  const failed = nextEvent(feed, 'event', { filter: ([{ type }]) => type === 'run-failed', signal: vain.signal });
  const started = nextEvent(feed, 'event', { filter: ([{ schedule }]) => schedule === name });
  await scheduler.startDue();
  await started;
  vain.abort(new Error('it has started'));

  await expect(failed).rejects.toThrow('it has started');
  expect(feed.listenerCount('event')).toBe(before);
});
