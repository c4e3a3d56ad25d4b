import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { attachEnvironment } from './attach.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

describe.skipIf(await isMissing('embedded'))('whoever has attached to an environment', () => {
  afterAll(() => expectNothingLeft(state));

  test('gives back what is still out when detaching, again and again, and stops nothing', async () => {
    await using environment = await startEnvironment({}, { runtime: 'embedded' });
    vi.stubEnv('MAYFLY_SESSION', environment.session);
    onTestFinished(() => void vi.unstubAllEnvs());
    const attached = attachEnvironment();
    const lease = await attached.lease({ name: 'forgotten' });
    const { pool } = lease;
    await pool.query('SELECT 1');

    await attached.detach();
    await attached.detach();

    expect(() => lease.pool).toThrow(expect.objectContaining({ code: 'MAYFLY_LEASE_RELEASED' }));
    await expect(attached.lease()).rejects.toMatchObject({ code: 'MAYFLY_ENVIRONMENT_STOPPED' });
    expect(await environment.health()).toMatchObject({ healthy: true });
  });
});

test('where there is none it says how to get one', () => {
  expect(() => attachEnvironment()).toThrow(
    expect.objectContaining({ code: 'MAYFLY_NOT_RUNNING', message: expect.stringContaining('`mayfly run`') }),
  );
});
