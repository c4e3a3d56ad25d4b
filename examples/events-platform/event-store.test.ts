import { Refusal } from './errors.ts';
import { expect, test as base } from './test-context.ts';

const opened = { aggregate: 'door:1', type: 'door.opened' };
const oneTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

const test = base
  .extend('store', ({ platform }) => platform.store)
  .extend('sequences', ({ store }) => async () => {
    const events = await store.find({ aggregate: 'door:1' }, 2_000);
    return events.map(({ sequence }) => sequence);
  });

test('what violates a constraint takes everything before it with it', async ({ pg, sequences, store }) => {
  await store.publish(opened);

  const writing = store.write(async ({ append, tx }) => {
    await append(opened);
    await append(opened);
    await tx.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 0, 'door.opened', '{}')");
  });

  await expect(writing).rejects.toThrow(/event_sequence_check/);
  expect(await sequences()).toEqual([1]);
  expect(pg.idleCount).toBe(pg.totalCount);
});

test('a number that is taken takes everything before it with it, and nobody hears of it', async ({
  sequences,
  store,
  subscribe,
}) => {
  const client = await subscribe();
  const first = await store.publish(opened);
  expect(await client.next()).toMatchObject({ event: { id: first.id } });

  const writing = store.write(async ({ append }) => {
    await append({ ...opened, aggregate: 'door:2' });
    await append({ ...opened, sequence: 1 });
  });

  await expect(writing).rejects.toMatchObject({ code: 'sequence-taken' });
  const { id } = await store.publish({ ...opened, type: 'door.closed' });
  expect(await client.next()).toMatchObject({ event: { id } });
  expect(await sequences()).toEqual([1, 2]);
});

test('the number that a failed transaction had is given to the next', async ({ store }) => {
  await expect(
    store.write(async ({ append }) => {
      await append(opened);
      throw new Error('The door is stuck.');
    }),
  ).rejects.toThrow('The door is stuck.');

  expect(await store.publish(opened)).toMatchObject({ sequence: 1 });
});

test('ten who publish at the same time get a number each, without a gap', async ({ sequences, store }) => {
  const published = await Promise.all(oneTo(10).map(async () => store.publish(opened)));

  expect(published.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(oneTo(10));
  expect(await sequences()).toEqual(oneTo(10));
});

test('of ten who want one number one gets it, and the others are told', async ({ sequences, store }) => {
  const outcomes = await Promise.allSettled(oneTo(10).map(async () => store.publish({ ...opened, sequence: 1 })));

  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  expect(refused).toHaveLength(9);
  expect(refused.every((reason) => reason instanceof Refusal && reason.code === 'sequence-taken')).toBe(true);
  expect(await sequences()).toEqual([1]);
});

test('the constraint alone keeps a number from being given twice, whoever writes', async ({ pg, store }) => {
  await store.publish(opened);

  await expect(
    pg.query("INSERT INTO event (aggregate, sequence, type, payload) VALUES ('door:1', 1, 'door.opened', '{}')"),
  ).rejects.toMatchObject({ constraint: 'event_sequence' });
});

test('a thousand events are one transaction', async ({ sequences, store, subscribe }) => {
  const client = await subscribe();

  await store.write(async ({ append }) => {
    for (const number of oneTo(1_000)) {
      await append({ ...opened, sequence: number });
    }
    // Nobody has seen any of them yet.
    expect(await sequences()).toEqual([]);
  });

  expect(await sequences()).toEqual(oneTo(1_000));
  expect(await client.collect(1_000)).toHaveLength(1_000);
});
