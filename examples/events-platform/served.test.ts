import { Redis } from 'ioredis';
import { attachEnvironment } from 'mayfly';
import { serveApp } from 'mayfly/testkit';
import { http, HttpResponse } from 'msw';
import pg from 'pg';
import definition, { mail } from './mayfly.config.ts';
import { platformServer } from './server.ts';
import { expect, test } from './test-context.ts';

test('the server is ready, on a port of its own', async ({ site }) => {
  expect(site.url).toBe(`http://127.0.0.1:${site.port}`);

  const health = await site.fetch('/health');

  expect({ status: health.status, body: await health.json() }).toEqual({ status: 200, body: { status: 'ok' } });
});

test('it is not healthy where Redis is gone', async ({ openAnother }) => {
  const other = await openAnother();
  await using site = await serveApp(platformServer(other));

  await other.close();

  expect(await site.fetch('/health')).toMatchObject({ status: 503 });
});

test('what runs when the server is stopped has its database and its cache to the end; then all three are gone', async ({
  mocks,
  task,
}) => {
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  mocks.use(
    http.post(mail.url, async () => {
      asked.resolve();
      await answered.promise;
      return new HttpResponse(null, { status: 202 });
    }),
  );
  await using environment = attachEnvironment(definition);
  const lease = await environment.lease({ name: task.name });
  const { platform, site } = lease.services;
  const urls = { database: lease.postgres.plainUrl, redis: lease.redis.url };
  const form = await platform.forms.create({ title: 'Feedback', owner: 'ada@example.org', questions: ['How was it?'] });
  const answers = JSON.stringify({ 'How was it?': 'good' });
  const submitting = site.fetch(`/forms/${form.id}/submissions`, { method: 'POST', body: answers });
  await asked.promise;

  const releasing = lease.release();
  await expect(fetch(site.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  answered.resolve();

  const answer = await submitting;
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 201, body: { notified: true } });
  await releasing;
  await expect(new pg.Client(urls.database).connect()).rejects.toThrow(/password|does not exist|authentication/);
  await expect(askRedis(urls.redis)).rejects.toThrow(/NOAUTH|WRONGPASS/);
});

async function askRedis(url: string): Promise<unknown> {
  const redis = new Redis(url);
  // That it may not log in it says to the command as well.
  redis.on('error', () => {});
  try {
    return await redis.dbsize();
  } finally {
    redis.disconnect();
  }
}
