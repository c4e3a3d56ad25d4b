import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGuestbook } from './open-guestbook.ts';

test('a guest signs once', async (t) => {
  const guestbook = await openGuestbook(t);
  await guestbook.sign('Ada');

  await assert.rejects(guestbook.sign('Ada'), /guest_name_key/);
});

test('the next test finds an empty book', async (t) => {
  const guestbook = await openGuestbook(t);

  await guestbook.sign('Ada');

  assert.equal(await guestbook.page(), 'Ada');
});
