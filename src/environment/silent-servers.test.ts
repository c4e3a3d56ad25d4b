import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { askPostgres, askRedis } from '../../fixtures/harness/clients.ts';
import { containerAt } from '../../fixtures/harness/containers.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { WaitingProgram } from '../../fixtures/harness/waiting-program.ts';
import { appendToManifest } from '../session/manifest.ts';
import { manifestFile } from '../session/session-files.ts';
import { identify, isRunning } from '../system/process-identity.ts';
import { describedEnvironment } from './attach.ts';
import { AttachedEnvironment } from './attached-environment.ts';
import { postMortem } from './post-mortem.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** Environments of which one lease takes all that there is, or two. */
const scarce = { redis: false, postgres: { maxConnections: 20 }, leases: { workers: 1 } } as const;
const scarceForTwo = { ...scarce, leases: { workers: 2 } } as const;

const patient = { timeout: 60_000 };

/** Has a server hold still, and gives what has it go on. */
async function freeze(place: string): Promise<() => Promise<void>> {
  if (place.startsWith('container ')) {
    const container = await containerAt(place);
    await container.pause();
    return () => container.unpause();
  }
  const pid = Number(place.replace('process ', ''));
  process.kill(pid, 'SIGSTOP');
  return async () => void process.kill(pid, 'SIGCONT');
}

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a server on ${runtime} that does not answer`, () => {
    test('because it hangs is not called dead, and serves again when it goes on', async () => {
      await using environment = await startEnvironment({ leases: { workers: 1 } }, { runtime });
      const { postgres, redis } = environment.details;
      await using parts = new AttachedEnvironment(describedEnvironment(environment.session)!, {}).leaseParts({
        name: 'of another process',
      });
      await parts.postgres();
      const goOn = await Promise.all([freeze(postgres.place), freeze(redis.place)]);

      const [health, space] = await Promise.allSettled([environment.health(), parts.redis()]);

      await Promise.all(goOn.map((again) => again()));

      const alive = { healthy: false, reason: expect.not.stringContaining('died') };
      expect(health).toMatchObject({ value: { healthy: false, services: { postgres: alive, redis: alive } } });
      expect(space).toMatchObject({ reason: { code: 'MAYFLY_REDIS_UNREACHABLE' } });
      expect(await environment.health()).toMatchObject({ healthy: true });
      expect(await parts.redis()).toMatchObject({ database: 1 });
    });

    test('because its owner takes it away is not called dead by others', async () => {
      const environment = await startEnvironment(scarceForTwo, { runtime });
      await environment.lease();
      const program = new WaitingProgram(environment.variables);
      expect(await program.next()).toEqual({ waits: true });

      await environment.stop();

      expect(await program.next()).toMatchObject({ code: 'MAYFLY_POSTGRES_UNREACHABLE' });
      expect(await program.exitCode).toBe(0);
    });
  });
}

describe.skipIf(await isMissing('embedded'))('a server on embedded', () => {
  test('whose owner says a moment later that it took it away is not called dead', async () => {
    await using environment = await startEnvironment({ postgres: false }, { runtime: 'embedded' });
    const { session, directory, details } = environment;
    const cause = new Error('nobody answered');
    await killServer(details.redis.place);

    const asked = postMortem({ session, service: 'redis', details: details.redis, cause }, AbortSignal.timeout(30_000));
    // By then it has looked once.
    await setImmediate();
    appendToManifest(join(directory, manifestFile), { type: 'disown', key: 'process:redis' });

    expect(await asked).toBe(cause);
  });
});

describe.skipIf(await isMissing('embedded'))('a Postgres on embedded', () => {
  test('of which one process crashes is not called dead, and serves again', async () => {
    await using environment = await startEnvironment(scarce, { runtime: 'embedded' });
    const { url } = environment.details.postgres;
    const held = await environment.lease();
    const waiting = environment.lease(patient).then(
      (lease) => lease.release().then(() => 'a lease'),
      (error: unknown) => (error as { readonly code: string }).code,
    );
    await expect(environment.lease({ timeout: 250 })).rejects.toMatchObject({ code: 'MAYFLY_LEASE_TIMEOUT' });
    const { rows } = await held.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    await vi.waitUntil(() => !isRunning({ pid: rows[0]!.pid }), { interval: 5 });

    await vi.waitFor(() => askPostgres(url, 'SELECT 1'), { timeout: 10_000, interval: 5 });

    expect(await environment.health()).toMatchObject({ healthy: true });
    await held.release().catch(() => {});
    expect(['a lease', 'MAYFLY_POSTGRES_UNREACHABLE']).toContain(await waiting);
    await (await environment.lease(patient)).release();
  });

  test('that is killed while a session computes leaves nothing when the environment is stopped', async () => {
    const environment = await startEnvironment(scarce, { runtime: 'embedded' });
    const { url, place } = environment.details.postgres;
    const client = new pg.Client(url);
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const session = identify(rows[0]!.pid)!;
    const query = client.query('SELECT count(*) FROM generate_series(1, 1e12::int8) AS n').catch(() => {});
    const isBusy = `SELECT count(*)::int FROM pg_stat_activity WHERE pid = ${session.pid} AND query LIKE '%1e12%'`;
    await vi.waitUntil(async () => (await askPostgres(url, isBusy)) === 1, { timeout: 10_000, interval: 5 });
    await killServer(place);
    expect(isRunning(session)).toBe(true);

    await environment.stop();

    expect(await leftoversOf(state)).toEqual([]);
    await query;
  });
});

describe.skipIf(await isMissing('docker'))('a server on docker', () => {
  test('whose container somebody removed is said to be without one', async () => {
    await using environment = await startEnvironment({ postgres: false }, { runtime: 'docker' });
    const container = await containerAt(environment.details.redis.place);
    await container.remove({ force: true, v: true });

    const { services } = await environment.health();

    expect(services.redis).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(
        /^The redis server has died \(its container was removed\)\. It left no log\. Find out who ended it/,
      ),
    });
    await expect(environment.lease(patient)).rejects.toMatchObject({ code: 'MAYFLY_SERVER_DIED', service: 'redis' });
  });

  test('that runs out of memory is said to have been killed for that', async () => {
    await using environment = await startEnvironment({ postgres: false }, { runtime: 'docker' });
    const { place, url } = environment.details.redis;
    const container = await containerAt(place);
    const Memory = 64 * 1024 ** 2;
    await container.update({ Memory, MemorySwap: Memory });
    await expect(askRedis(url, 'EVAL', `return #string.rep('x', 500000000)`, '0')).rejects.toThrow(/closed|ECONNRESET/);
    await container.wait();

    const { services } = await environment.health();

    expect(services.redis).toMatchObject({
      healthy: false,
      reason: expect.stringContaining('has died (exit code 137, killed because its memory ran out).'),
    });
  });
});
