import { afterAll, describe, expect, test } from 'vitest';
import { askPostgres } from '../../../fixtures/harness/clients.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { database } from '../database/service.ts';
import { audit } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('the audit log on a server where we are not a superuser', () => {
  test('is append-only by its triggers', async () => {
    await using host = await startEnvironment({ redis: false }, { runtime: 'embedded' });
    const { url } = host.details.postgres;
    const password = 'of the builder';
    await askPostgres(url, `CREATE ROLE builder LOGIN CREATEDB PASSWORD '${password}'`);
    const { href } = Object.assign(new URL(url), { username: 'builder', password });
    const definition = { postgres: { url: href }, redis: false, services: [database, audit] } as const;
    await using run = await startEnvironment(definition);
    await using lease = await run.lease();
    const { audit: log } = lease.services;

    await log.record({ type: 'system', action: 'wrote' });

    for (const statement of [
      'UPDATE audit.entries SET actor = NULL',
      'DELETE FROM audit.entries',
      'TRUNCATE audit.entries',
      'UPDATE audit.chain SET sequence = 0',
      'DELETE FROM audit.chain',
    ]) {
      await expect(lease.pool.query(statement)).rejects.toThrow('the audit log is append-only');
    }
    expect(await log.verify()).toEqual({ valid: true, entries: 1 });
  });
});
