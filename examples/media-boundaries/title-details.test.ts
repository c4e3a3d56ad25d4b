import { HttpResponse } from 'msw';
import { describe } from 'vitest';
import type { Person } from './people.ts';
import { expect, test as base } from './test-context.ts';
import { titles, titlesAnswer, titlesKnow } from './titles.ts';

const test = base.extend('details', async ({ ada }) => {
  const { id } = await ada.store('Metropolis & more.png');
  return (who: Person = ada) => who.fetch(`/media/${id}/details`);
});
/** What the server says of a title that it has asked about in this hour, or before. */
const asked = { title: 'Metropolis & more', year: 1927 };

test('the service outside is asked once', async ({ details, mocks }) => {
  mocks.use(titlesKnow(1927));

  expect(await (await details()).json()).toEqual({ ...asked, isStale: false });
  expect(await (await details()).json()).toEqual({ ...asked, isStale: false });

  expect(mocks.requests()).toMatchObject([{ method: 'GET', url: `${titles}?title=Metropolis+%26+more` }]);
});

test('who asks is not said outside', async ({ ada, details, mocks }) => {
  mocks.use(titlesKnow(1927));

  await details();

  const [request] = mocks.requests({ url: titles });
  expect(request!.headers).not.toHaveProperty('authorization');
  expect(JSON.stringify(request)).not.toContain(ada.token);
});

test('after an hour it is asked again', async ({ details, mocks, redis }) => {
  mocks.use(titlesKnow(1926));
  await details();
  mocks.use(titlesKnow(1927));
  expect(await (await details()).json()).toMatchObject({ year: 1926 });

  await anHourPasses(redis);

  expect(await (await details()).json()).toEqual({ ...asked, isStale: false });
  expect(mocks.requests({ url: titles })).toHaveLength(2);
});

test.for([
  ['is out of order', () => new HttpResponse(null, { status: 500 })],
  ['is busy', () => new HttpResponse(null, { status: 429 })],
  ['is not reached', () => HttpResponse.error()],
  ['says something else', () => HttpResponse.json({ year: 'nineteen' })],
  ['says nothing that can be read', () => HttpResponse.text('<html>')],
] as const)('while it %s, what it once said is good enough', async ([, answer], { details, mocks, redis }) => {
  mocks.use(titlesKnow(1927));
  await details();
  await anHourPasses(redis);

  mocks.use(titlesAnswer(answer));
  expect(await (await details()).json()).toEqual({ ...asked, isStale: true });

  mocks.use(titlesKnow(1928));
  expect(await (await details()).json()).toEqual({ ...asked, year: 1928, isStale: false });
});

test('where it never said anything, its failure is ours, and is not kept', async ({ details, mocks, redis }) => {
  mocks.use(titlesAnswer(() => new HttpResponse(null, { status: 500 })));

  expect(await details()).toMatchObject({ status: 503 });
  expect(await redis.keys('details:*')).toEqual([]);

  mocks.use(titlesKnow(1927));
  expect(await details()).toMatchObject({ status: 200 });
});

test('everything that is kept has an end', async ({ details, mocks, redis }) => {
  mocks.use(titlesKnow(1927));
  await details();

  const keys = await redis.keys('details:*');
  expect(keys).toHaveLength(2);
  for (const key of keys) {
    expect(await redis.ttl(key)).toBeGreaterThan(0);
  }
});

describe('a request that no mock answers', () => {
  let status: number | undefined;

  test.fails('fails the test, whatever the server makes of it', async ({ details }) => {
    status = (await details()).status;
  });

  // The test came to its end and had its answer: what failed it is the request.
  test.afterAll(() => expect(status).toBe(503));
});

/** What is to lapse in an hour lapses now: the clock is that of Redis. */
async function anHourPasses(redis: { del(key: string): Promise<unknown> }): Promise<void> {
  await redis.del(`details:fresh:${asked.title}`);
}
