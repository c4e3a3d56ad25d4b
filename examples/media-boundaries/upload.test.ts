import { limits } from './app.ts';
import { png, script } from './samples.ts';
import { expect, test } from './test-context.ts';

test('what was uploaded is downloaded as it was', async ({ ada, storage }) => {
  const bytes = png(5_000);
  const uploaded = await ada.upload('Nosferatu – Prolog.png', bytes);
  const media = (await uploaded.json()) as { id: string };
  expect(media).toEqual({ id: expect.any(String), name: 'Nosferatu – Prolog.png', type: 'image/png' });

  const file = await ada.fetch(`/media/${media.id}/file`);

  expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': expect.stringContaining('attachment; filename='),
    'x-content-type-options': 'nosniff',
  });
  // On the disk it has no name that anybody chose.
  expect(await storage.ids()).toEqual([media.id]);
});

test('as much is taken as may be, and no byte more', async ({ ada, storage }) => {
  expect(await ada.upload('all.png', png(limits.uploadBytes))).toMatchObject({ status: 201 });

  const refused = await ada.upload('more.png', png(limits.uploadBytes + 1));

  expect(refused.status).toBe(413);
  expect(await refused.json()).toMatchObject({ code: 'too-large' });
  expect(await storage.ids()).toHaveLength(1);
});

test('who does not say how much it is may not send more either', async ({ ada, storage }) => {
  const chunk = png(8 * 1024);
  const chunks = ReadableStream.from(Array.from({ length: 9 }, () => chunk));

  const refused = await ada.fetch('/media?name=stream.png', {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: chunks,
    duplex: 'half',
  });

  expect(refused.status).toBe(413);
  expect(await storage.ids()).toEqual([]);
});

test.for([
  ['a script that says it is a picture', script, 'image/png'],
  ['a picture that says it is a page', png(), 'text/html'],
  ['a picture of another type than it says', png(), 'image/jpeg'],
  ['a page that says so', script, 'text/html'],
  ['less than a signature', png().subarray(0, 7), 'image/png'],
  ['nothing', Buffer.alloc(0), 'image/png'],
] as const)('%s is refused', async ([, bytes, type], { ada, storage }) => {
  const refused = await ada.upload('picture.png', bytes, type);

  expect(refused.status).toBe(415);
  expect(await refused.json()).toMatchObject({ code: 'wrong-type' });
  expect(await storage.ids()).toEqual([]);
});

test.for([
  '../../etc/passwd',
  '..\\..\\boot.ini',
  '/etc/passwd',
  'C:\\boot.ini',
  'C:boot.ini',
  '..',
  '.htaccess',
  'film.png\0.txt',
  'film.png\r\nSet-Cookie: a=b',
  'film\u202Egnp.exe',
  'film.png.',
  ' film.png',
  'x'.repeat(121),
  '',
])('%j is no name for a file', async (name, { ada, storage }) => {
  const refused = await ada.upload(name);

  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ code: 'invalid' });
  expect(await storage.ids()).toEqual([]);
});

test('two names are none', async ({ ada }) => {
  expect(await ada.fetch('/media?name=a.png&name=b.png', { method: 'POST', body: png() })).toMatchObject({
    status: 400,
  });
});
