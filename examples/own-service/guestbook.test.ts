import { expect, inject, test } from 'vitest';

test('a guest finds their own name in the book', async () => {
  const { url } = inject('mayfly').services.guestbook as { url: string };

  const signed = await fetch(url, { method: 'POST', body: 'Ada' });
  expect(signed.status).toBe(201);

  const read = await fetch(url);
  expect(await read.json()).toEqual(['Ada']);
});
