import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { nothing, usePlatform } from '../../../fixtures/harness/platform.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { testkit, type Testkit } from './testkit.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`what the factories take away on ${runtime}`, () => {
    const platform = usePlatform(runtime);
    const make = (): Testkit => testkit(platform.lease.services);

    test('two that are cleaned up together, and twice, leave nothing but what others made', async () => {
      const other = await testkit(platform.lease.services).tenant();
      const own = testkit(platform.lease.services);
      const purchase = await own.purchase({ tickets: 3 });
      await own.purchase({ eventId: purchase.event.id, tickets: 2 });
      await own.event();

      await own.cleanup();
      await own.cleanup();
      await purchase.cleanup();

      expect(await platform.counts()).toEqual({ ...nothing, tenants: 1 });
      expect((await platform.lease.pool.query('SELECT id FROM tenants')).rows).toEqual([{ id: other.id }]);
    });

    test('a cleanup deletes nothing where others refer to it, says so, and can be called again', async () => {
      const own = testkit(platform.lease.services);
      const { event } = await own.purchase();
      const later = await make().purchase({ eventId: event.id });

      await expect(own.cleanup()).rejects.toMatchObject({
        code: 'MAYFLY_STATE_REFUSED',
        message: expect.stringContaining('rows of tickets refer to it'),
      });
      expect(await platform.counts()).toMatchObject({ transactions: 2, tickets: 2 });
      await later.cleanup();
      await own.cleanup();
      expect(await platform.counts()).toEqual(nothing);
    });
  });
}
