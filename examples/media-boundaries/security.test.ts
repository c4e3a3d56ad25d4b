import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { decodeJwt, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import type { Person } from './people.ts';
import { expect, test } from './test-context.ts';

interface Theirs {
  readonly claims: JWTPayload;
  readonly key: Uint8Array;
  readonly token: string;
  readonly bob: Person;
}

const sign = (claims: JWTPayload, key: Uint8Array, alg = 'HS256'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key);

const without = (name: string, claims: JWTPayload): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));

/** What somebody might try who knows how tokens look; some even have the key. */
const forgeries: readonly (readonly [string, (theirs: Theirs) => string | Promise<string>])[] = [
  ['signed with another key', ({ claims }) => sign(claims, randomBytes(32))],
  ['that is not signed', ({ claims }) => new UnsecuredJWT(claims).encode()],
  ['without its signature', ({ token }) => token.replace(/[^.]*$/, '')],
  ['signed in another way', ({ claims, key }) => sign(claims, key, 'HS512')],
  ['that has expired', ({ claims, key }) => sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 1 }, key)],
  ['that never expires', ({ claims, key }) => sign(without('exp', claims), key)],
  ['for another server', ({ claims, key }) => sign({ ...claims, aud: 'shop' }, key)],
  ['by somebody else', ({ claims, key }) => sign({ ...claims, iss: 'shop' }, key)],
  ['of a session that there is not', ({ claims, key }) => sign({ ...claims, jti: 'made-up' }, key)],
  ["of somebody else's session", ({ claims, key, bob }) => sign({ ...claims, sub: bob.id }, key)],
  [
    'with other claims than were signed',
    ({ token, bob, claims }) => {
      const [header, , signature] = token.split('.');
      const other = Buffer.from(JSON.stringify({ ...claims, sub: bob.id })).toString('base64url');
      return `${header}.${other}.${signature}`;
    },
  ],
];

test.for(forgeries)('a token %s is not believed', async ([, forge], { ada, bob, services, site }) => {
  const token = await forge({ claims: decodeJwt(ada.token), key: services.key, token: ada.token, bob });

  const answer = await site.fetch('/media', { headers: { authorization: `Bearer ${token}` } });

  expect(answer.status).toBe(401);
  expect(await answer.json()).toEqual({ code: 'not-signed-in', message: 'Sign in first.' });
});

test.for(['GET /media', 'POST /media?name=a.png', 'GET /media/x/file', 'GET /media/x/details', 'DELETE /media/x'])(
  'without a token there is no %s',
  async (what, { site }) => {
    const [method = '', path = ''] = what.split(' ');

    expect(await site.fetch(path, { method })).toMatchObject({ status: 401 });
  },
);

test("what is somebody else's looks as if it were not there", async ({ ada, bob, storage }) => {
  const { id } = await ada.store('Metropolis.png');
  const nowhere = crypto.randomUUID();

  for (const [method, path] of [
    ['GET', '/file'],
    ['GET', '/details'],
    ['DELETE', ''],
  ] as const) {
    const theirs = await bob.fetch(`/media/${id}${path}`, { method });
    const nothing = await bob.fetch(`/media/${nowhere}${path}`, { method });

    expect(theirs.status).toBe(404);
    expect(await theirs.text()).toBe(await nothing.text());
  }
  expect(await (await bob.fetch('/media')).json()).toEqual([]);
  expect(await storage.ids()).toEqual([id]);
});

test('each has what the other calls the same', async ({ ada, bob }) => {
  const hers = await ada.store('Metropolis.png');
  const his = await bob.store('Metropolis.png');

  expect(await (await ada.fetch('/media')).json()).toEqual([hers]);
  expect(await (await bob.fetch('/media')).json()).toEqual([his]);
});

const statements = [
  "'; DROP TABLE media; --",
  "' OR '1'='1",
  "x' UNION SELECT id, email, password_hash FROM account --",
];

test.for(statements)('%s is searched for', async (text, { ada, bob }) => {
  await bob.store('of-bob.png');
  await ada.store('of-ada.png');

  const found = await ada.fetch(`/media?search=${encodeURIComponent(text)}`);

  expect(found.status).toBe(200);
  expect(await found.json()).toEqual([]);
  expect(await (await ada.fetch('/media')).json()).toMatchObject([{ name: 'of-ada.png' }]);
});

test.for([...statements, '100%_*.png'])('%s is a name like any other', async (name, { ada }) => {
  const stored = await ada.store(name);
  await ada.store('another.png');

  // It finds itself, and what has signs for patterns in it nothing else.
  expect(await (await ada.fetch(`/media?search=${encodeURIComponent(name)}`)).json()).toEqual([stored]);
});

test.for([
  '/media/../../../../etc/passwd/file',
  '/media/..%2f..%2f..%2fetc%2fpasswd/file',
  '/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd/file',
  '/media/..%5c..%5cboot.ini/file',
  '/media/%00/file',
  '//etc/passwd',
])('%s leads nowhere', async (path, { ada, site }) => {
  expect(await statusOf(site.port, path, ada.token)).toBe(404);
});

test('the storage has a door of its own', async ({ storage }) => {
  await expect(storage.read('../../etc/passwd')).rejects.toThrow('names no file of the storage');
});

test('an answer does not say what the server is made of', async ({ ada }) => {
  const { headers } = await ada.fetch('/media/%E0%A4%A/file');

  expect(headers.has('x-powered-by')).toBe(false);
});

/** As it is: `fetch` would make `/etc/passwd` of `/media/../etc/passwd` itself. */
async function statusOf(port: number, path: string, token: string): Promise<number | undefined> {
  const sent = request({ port, path, host: '127.0.0.1', headers: { authorization: `Bearer ${token}` } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
