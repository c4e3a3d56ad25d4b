import { attachEnvironment } from 'mayfly';
import { connectWebSocket } from 'mayfly/testkit';
import { expect, test } from 'vitest';
import definition from './mayfly.config.ts';

// What `test` of `test-context.ts` does before and after, with its ends in sight.

test('a lease has a server that is ready, and takes it away with a goodbye', async () => {
  await using environment = attachEnvironment(definition);
  const lease = await environment.lease({ name: 'one' });
  const { live } = lease.services;
  await lease.pool.query(
    `INSERT INTO schedule (name, template, every_seconds, next_run_at) VALUES ('daily', 'nightly-backup', 60, now())`,
  );
  const url = live.websocketUrl('/schedules/daily/events');
  const client = await connectWebSocket(url);

  await lease.release();

  await expect(client.closed).resolves.toEqual({ code: 1001, reason: 'the server is going away' });
  await expect(connectWebSocket(url)).rejects.toThrow(/ECONNREFUSED/);
});

test('servers of two leases do not meet', async () => {
  await using environment = attachEnvironment(definition);
  const ports = [];
  for (const name of ['one', 'two']) {
    await using lease = await environment.lease({ name });
    expect((await lease.services.live.fetch('/schedules/daily/runs')).status).toBe(404);
    ports.push(lease.services.live.port);
  }
  expect(ports).toEqual([expect.any(Number), expect.any(Number)]);
});
