import { expect, test } from '@jest/globals';
import { useGuestbook } from './use-guestbook.ts';

const guestbook = useGuestbook();

test('a guest signs once', async () => {
  await guestbook().sign('Ada');

  await expect(guestbook().sign('Ada')).rejects.toThrow('guest_name_key');
});

test('the next test finds an empty book', async () => {
  await guestbook().sign('Ada');

  expect(await guestbook().page()).toBe('Ada');
});
