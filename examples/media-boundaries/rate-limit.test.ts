import { limits } from './app.ts';
import { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import { script } from './samples.ts';
import { expect, test } from './test-context.ts';

test('of fifty at once as many pass as may', async ({ redis }) => {
  const limit = new RateLimit(redis, 'ring', { times: 10, seconds: 60 });

  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => limit.pass('ada')));

  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  expect(reasons.every((reason) => reason instanceof Refusal && reason.code === 'too-often')).toBe(true);
});

test('a count always has an end, and who is refused does not put it off', async ({ redis }) => {
  const limit = new RateLimit(redis, 'ring', { times: 1, seconds: 60 });
  await limit.pass('ada');
  await redis.expire('limit:ring:ada', 30);

  await expect(limit.pass('ada')).rejects.toMatchObject({ code: 'too-often' });

  const left = await redis.ttl('limit:ring:ada');
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(30);
});

test('when the time is over one may again', async ({ redis }) => {
  const limit = new RateLimit(redis, 'ring', { times: 1, seconds: 60 });
  await limit.pass('ada');
  await redis.pexpire('limit:ring:ada', 1);

  await expect.poll(async () => redis.exists('limit:ring:ada')).toBe(0);

  await expect(limit.pass('ada')).resolves.toBeUndefined();
});

test('who tries passwords is stopped, also with the right one, and nobody else is', async ({ ada, bob, site }) => {
  const signIn = async (email: string, password: string): Promise<Response> =>
    site.fetch('/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
  const tries = await Promise.all(
    Array.from({ length: limits.signIns.times }, async () => signIn(ada.email, 'a guess')),
  );
  expect(tries.map(({ status }) => status)).toEqual(tries.map(() => 401));

  const refused = await signIn(ada.email.toUpperCase(), ada.password);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await signIn(bob.email, bob.password)).toMatchObject({ status: 201 });
});

test('who uploads too often is stopped, may still look, and nobody else is stopped', async ({ ada, bob }) => {
  const uploads = Array.from({ length: limits.uploads.times + 5 }, async () => ada.upload('x', script, 'text/html'));
  const statuses = (await Promise.all(uploads)).map(({ status }) => status);

  expect(statuses.filter((status) => status === 415)).toHaveLength(limits.uploads.times);
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  expect(await ada.fetch('/media')).toMatchObject({ status: 200 });
  expect(await bob.upload('Metropolis.png')).toMatchObject({ status: 201 });
});
