import { afterAll, describe, expect, test, vi } from 'vitest';
import { askPostgres } from '../../fixtures/harness/clients.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { expectNothingLeft, leftoversOf } from '../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { WaitingProgram } from '../../fixtures/harness/waiting-program.ts';
import type { PostgresDetails } from '../connection/details.ts';
import type { MayflyError } from '../errors/mayfly-error.ts';
import type { Environment } from './environment.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const patient = { timeout: 60_000 };

/** Environments of which each has one server, with as much as two leases take. */
const scarce = {
  postgres: { redis: false, postgres: { maxConnections: 20 }, leases: { workers: 2 } },
  redis: { postgres: false, redis: { databases: 4 } },
} as const;

/** What of the last that a server printed can be told in advance. */
const printed = { postgres: /\n {2}\| .*LOG: {2}/, redis: /\n {2}\| .*Ready to accept connections/ };

/** How the end of a server that was killed is told. */
const killed = { docker: 'exit code 137', embedded: 'signal SIGKILL' };

const services = ['postgres', 'redis'] as const;

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime)).for(services)(`%s that dies on ${runtime}`, (service) => {
    const died = (how: string) => ({
      code: 'MAYFLY_SERVER_DIED',
      service,
      phase: 'run',
      message: expect.stringMatching(printed[service]),
      summary: expect.stringContaining(`The ${service} server has died (${how}). Its last log lines:\n`),
    });

    test('ends the wait for a lease, here and in other processes, and later ones fail at once', async () => {
      const environment = await startEnvironment<object>(scarce[service], { runtime });
      const held = await environment.lease({ name: 'holds one' });
      const program = new WaitingProgram(environment.variables);
      expect(await program.next()).toEqual({ waits: true });
      const waiting = ['one', 'two'].map((name) => environment.lease({ name, ...patient }));
      const endings = Promise.allSettled(waiting);

      await killServer(placeOf(environment, service));

      const ending = { status: 'rejected', reason: expect.objectContaining(died(killed[runtime])) };
      expect(await endings).toEqual([ending, ending]);
      const { code, message } = died(killed[runtime]);
      expect(await program.next()).toEqual({ code, message });
      expect(await program.exitCode).toBe(0);
      await expect(environment.lease(patient)).rejects.toMatchObject(died(killed[runtime]));
      await expect(held.release()).rejects.toMatchObject({
        code: 'MAYFLY_LEASE_RETURN_FAILED',
        // The log stands in the cause.
        message: expect.stringContaining(`  - The ${service} server has died (${killed[runtime]}).\nSee whether`),
        cause: expect.objectContaining(died(killed[runtime])),
      });
      const { steps } = await environment.stop();
      expect(steps.map(({ outcome }) => outcome)).toEqual(['stopped']);
      expect(await leftoversOf(state)).toEqual([]);
    });
  });
}

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime)).for(services)(`%s that dies on ${runtime}`, (service) => {
    const headline = `The ${service} server has died (${killed[runtime]}).`;

    test('is told at once where somebody listens, and then its log is shown by nobody else', async () => {
      const told = Promise.withResolvers<MayflyError>();
      await using environment = await startEnvironment<object>(scarce[service], { runtime, onDeath: told.resolve });
      await killServer(placeOf(environment, service));

      const error = await told.promise;

      expect(error).toMatchObject({ code: 'MAYFLY_SERVER_DIED', service, headline });
      expect(error.message).toMatch(printed[service]);
      expect(environment.deaths).toEqual([error]);
      const { services: health } = await environment.health();
      expect(health[service]).toMatchObject({
        reason: expect.stringMatching(/has died \(.+\)\. Its last log lines were printed when it died\. [^\n]+$/),
      });
    });

    test('is known where nobody listens, and one that is stopped has not died', async () => {
      const environment = await startEnvironment<object>(scarce[service], { runtime });
      const other = await startEnvironment<object>(scarce[service], { runtime });
      await killServer(placeOf(environment, service));

      await vi.waitFor(() => expect(environment.deaths).toMatchObject([{ headline }]), { timeout: 10_000 });
      await Promise.all([environment.stop(), other.stop()]);

      expect(environment.deaths).toHaveLength(1);
      expect(other.deaths).toEqual([]);
    });
  });
}

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a start on ${runtime}`, () => {
    test('in which a migration is the end of the server fails for that, and leaves nothing', async () => {
      const migrations = async ({ url, place }: PostgresDetails): Promise<void> => {
        await Promise.all([askPostgres(url, 'SELECT pg_sleep(60)'), killServer(place)]);
      };

      await expect(startEnvironment({ migrations, redis: false }, { runtime })).rejects.toMatchObject({
        code: 'MAYFLY_SERVER_DIED',
        service: 'postgres',
        cause: { code: 'MAYFLY_MIGRATION_FAILED' },
      });
      expect(await leftoversOf(state)).toEqual([]);
    });
  });
}

function placeOf({ details }: Environment<object>, service: 'postgres' | 'redis'): string {
  return (details as Record<string, { readonly place: string }>)[service]!.place;
}
