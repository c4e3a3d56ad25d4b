import { after, type TestContext } from 'node:test';
import { attachEnvironment } from 'mayfly';
import type { Guestbook } from '../guestbook.ts';
import definition from '../mayfly.config.ts';

const environment = attachEnvironment(definition);
after(() => environment.detach());

/** The guest book, on a database and a Redis space that are the test's own. */
export async function openGuestbook(t: TestContext): Promise<Guestbook> {
  const lease = await environment.lease({ name: t.fullName, signal: t.signal });
  t.after(() => lease.release());
  return lease.services.guestbook;
}
