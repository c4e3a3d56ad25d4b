import { expect, test } from './test-context.ts';

const post = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});
const json = (body: object): RequestInit => post(JSON.stringify(body));

test('somebody signs up, in and out', async ({ names, site }) => {
  const ada = { email: names.email('Ada'), password: 'correct horse' };

  expect(await site.fetch('/accounts', json(ada))).toMatchObject({ status: 201 });
  const signedIn = await site.fetch('/sessions', json(ada));
  const { token } = (await signedIn.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };

  expect(await site.fetch('/media', { headers })).toMatchObject({ status: 200 });
  expect(await site.fetch('/sessions', { method: 'DELETE', headers })).toMatchObject({ status: 204 });
  expect(await site.fetch('/media', { headers })).toMatchObject({ status: 401 });
});

test('nobody learns from a wrong password who has an account', async ({ ada, names, site }) => {
  const wrong = await site.fetch('/sessions', json({ email: ada.email, password: 'wrong' }));
  const nobody = await site.fetch('/sessions', json({ email: names.email('nobody'), password: 'wrong' }));

  expect([wrong.status, nobody.status]).toEqual([401, 401]);
  expect(await nobody.text()).toBe(await wrong.text());
});

test('an address has one account, however it is written', async ({ ada, site }) => {
  const again = { email: ada.email.toUpperCase(), password: 'another' };

  expect(await site.fetch('/accounts', json(again))).toMatchObject({ status: 409 });
});

test('one device signs out and the other goes on', async ({ ada, sessions, site }) => {
  const other = { authorization: `Bearer ${await sessions.begin(ada.id)}` };

  await site.fetch('/sessions', { method: 'DELETE', headers: other });

  expect(await site.fetch('/media', { headers: other })).toMatchObject({ status: 401 });
  expect(await ada.fetch('/media')).toMatchObject({ status: 200 });
});

test('a session lapses in Redis as well', async ({ ada, redis }) => {
  const [key, ...others] = await redis.keys('session:*');
  expect(others).toEqual([]);
  expect(await redis.ttl(key!)).toBeGreaterThan(0);

  // As Redis does when its time has come.
  await redis.del(key!);

  expect(await ada.fetch('/media')).toMatchObject({ status: 401 });
});

test('a password is not in the database', async ({ names, pg, site }) => {
  const ada = { email: names.email('ada'), password: 'correct horse' };
  await site.fetch('/accounts', json(ada));

  const { rows } = await pg.query<{ account: string }>('SELECT account::text FROM account');

  expect(rows).toEqual([{ account: expect.stringContaining(ada.email) }]);
  expect(rows[0]!.account).not.toContain(ada.password);
});

test.for([
  ['no JSON', '{'],
  ['nothing', ''],
  ['a list where text is due', '{"email":["ada@example.org"],"password":"x"}'],
  ['an object where text is due', '{"email":{"$ne":null},"password":"x"}'],
] as const)('%s is no way to sign in', async ([, body], { site }) => {
  const answer = await site.fetch('/sessions', post(body));

  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ code: 'invalid' });
});
