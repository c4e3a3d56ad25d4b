import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { nothing, usePlatform } from '../../../fixtures/harness/platform.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { tenants } from './tenants.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`two tenants on ${runtime}`, () => {
    const platform = usePlatform(runtime);

    test.each([
      { file: import.meta.filename, slug: /^tenants-[ab]-/ },
      { file: '/tests/Booking Repository.spec.ts', slug: /^booking-repository-[ab]-/ },
      { file: '/tests/日本.test.ts', slug: /^test-[ab]-/ },
      { file: `/tests/${'very-'.repeat(30)}long.test.ts`, slug: /^very-very-very-very-very-very-[ab]-/ },
    ])('two tenants carry the name of their file: $slug', async ({ file, slug }) => {
      const { a, b, cleanup } = await tenants(platform.lease.services.database, file);

      expect(a.slug).toMatch(slug);
      expect(b.slug).toMatch(slug);
      expect(a.slug).not.toBe(b.slug);
      expect(await platform.counts()).toMatchObject({ tenants: 2 });
      await cleanup();
      await cleanup();
      expect(await platform.counts()).toEqual(nothing);
    });
  });
}
