import { expect, test } from '@jest/globals';
import { useGuestbook } from './use-guestbook.ts';

const guestbook = useGuestbook();

test('the page is up to date', async () => {
  expect(await guestbook().page()).toBe('');

  await guestbook().sign('Ada');
  await guestbook().sign('Grace');

  expect(await guestbook().page()).toBe('Ada, Grace');
});
