import { expect, test as base } from './test-context.ts';

const opened = { aggregate: 'door:1', type: 'door.opened' };

const test = base.extend('find', ({ site }) => async (query: Readonly<Record<string, string>>) => {
  const answer = await site.fetch(`/events?${new URLSearchParams(query).toString()}`);
  return { status: answer.status, body: await answer.json() };
});

test('an event is published', async ({ post }) => {
  expect(await post('/events', { ...opened, payload: { by: 'Ada' } })).toEqual({
    status: 201,
    body: {
      id: expect.any(String),
      aggregate: 'door:1',
      sequence: 1,
      type: 'door.opened',
      payload: { by: 'Ada' },
      refersTo: null,
      at: expect.stringMatching(/^\d{4}-.+Z$/),
    },
  });
});

test('who names no number gets the next one of the aggregate', async ({ post }) => {
  await post('/events', opened);
  await post('/events', { ...opened, aggregate: 'door:2' });

  expect(await post('/events', opened)).toMatchObject({ status: 201, body: { sequence: 2 } });
});

test('a number is given once for each aggregate', async ({ find, post }) => {
  const first = { ...opened, sequence: 1 };
  expect(await post('/events', first)).toMatchObject({ status: 201 });

  expect(await post('/events', first)).toMatchObject({ status: 409, body: { code: 'sequence-taken' } });
  expect(await post('/events', { ...first, aggregate: 'door:2' })).toMatchObject({ status: 201 });
  expect((await find({ aggregate: 'door:1' })).body).toHaveLength(1);
});

test('no number is left out', async ({ post }) => {
  expect(await post('/events', { ...opened, sequence: 2 })).toMatchObject({
    status: 409,
    body: { code: 'sequence-gap' },
  });
});

test.for([
  ['without an aggregate', { aggregate: undefined }],
  ['of an aggregate without a name', { aggregate: 'door' }],
  ['without a type', { type: undefined }],
  ['with number 0', { sequence: 0 }],
  ['with half a number', { sequence: 1.5 }],
  ['whose payload is no object', { payload: 'Ada' }],
  ['that refers to nothing', { refersTo: 'yesterday' }],
  ['with a field that there is not', { urgent: true }],
] as const)('an event %s is refused', async ([, fields], { find, post }) => {
  expect(await post('/events', { ...opened, ...fields })).toMatchObject({ status: 400, body: { code: 'invalid' } });
  expect((await find({})).body).toEqual([]);
});

test('an event that refers to one that there is not is refused', async ({ post }) => {
  const refersTo = crypto.randomUUID();

  expect(await post('/events', { ...opened, refersTo })).toMatchObject({
    status: 400,
    body: { code: 'unknown-reference' },
  });
});

test('what is no JSON is refused', async ({ site }) => {
  expect(await site.fetch('/events', { method: 'POST', body: '{' })).toMatchObject({ status: 400 });
});

test('events are found by type, by aggregate and by both, the first ones first', async ({ find, post }) => {
  for (const aggregate of ['door:1', 'door:2']) {
    await post('/events', { aggregate, type: 'door.opened' });
    await post('/events', { aggregate, type: 'door.closed' });
  }

  expect(await find({ type: 'door.closed' })).toMatchObject({
    status: 200,
    body: [{ aggregate: 'door:1' }, { aggregate: 'door:2' }],
  });
  expect((await find({ aggregate: 'door:2' })).body).toMatchObject([{ type: 'door.opened' }, { type: 'door.closed' }]);
  expect((await find({ aggregate: 'door:2', type: 'door.closed' })).body).toMatchObject([{ sequence: 2 }]);
  expect((await find({ aggregate: 'door:3' })).body).toEqual([]);
});

test('no more are found than were asked for', async ({ find, platform }) => {
  for (let number = 1; number <= 5; number += 1) {
    await platform.store.publish(opened);
  }

  expect((await find({ limit: '3' })).body).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
  expect(await find({ limit: '0' })).toMatchObject({ status: 400 });
  expect(await find({ limit: 'many' })).toMatchObject({ status: 400 });
});
