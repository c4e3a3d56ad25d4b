import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import { attachEnvironment, type Lease } from 'mayfly';
import type { Guestbook } from '../guestbook.ts';
import definition from '../mayfly.config.ts';

/** Gives each test of the file a guest book, on a database and a Redis space that are the test's own. */
export function useGuestbook(): () => Guestbook {
  const environment = attachEnvironment(definition);
  let lease: Lease<typeof definition>;

  beforeEach(async () => {
    lease = await environment.lease({ name: expect.getState().currentTestName });
  });
  afterEach(() => lease.release());
  afterAll(() => environment.detach());

  return () => lease.services.guestbook;
}
