import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGuestbook } from './open-guestbook.ts';

test('the page is up to date', async (t) => {
  const guestbook = await openGuestbook(t);
  assert.equal(await guestbook.page(), '');

  await guestbook.sign('Ada');
  await guestbook.sign('Grace');

  assert.equal(await guestbook.page(), 'Ada, Grace');
});
