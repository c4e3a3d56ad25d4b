import type { ServedApp, UniqueNames } from 'mayfly/testkit';
import type pg from 'pg';
import { limits } from './app.ts';
import type { Media } from './library.ts';
import { hashPassword } from './passwords.ts';
import { png } from './samples.ts';
import type { Sessions } from './sessions.ts';

type Init = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

/** Somebody who is signed in. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly fetch: (path: string, init?: Init) => Promise<Response>;
  readonly upload: (name: string, bytes?: Buffer<ArrayBuffer>, type?: string) => Promise<Response>;
  /** The same, of something that is taken. */
  readonly store: (name: string) => Promise<Media>;
}

interface World {
  readonly site: ServedApp;
  readonly names: UniqueNames;
  readonly pool: pg.Pool;
  readonly sessions: Sessions;
}

/** Of everybody: a hash takes as long as a whole test, and is made once for each file. */
const password = 'correct horse';
const hashed = hashPassword(password);

export type Join = (who: string, fields?: { readonly quotaBytes?: number }) => Promise<Person>;

export function joining({ site, names, pool, sessions }: World): Join {
  return async (who, { quotaBytes = limits.quotaBytes } = {}) => {
    const email = names.email(who);
    const { rows } = await pool.query<{ id: string }>(
      'INSERT INTO account (email, password_hash, quota_bytes) VALUES ($1, $2, $3) RETURNING id',
      [email, await hashed, quotaBytes],
    );
    const { id } = rows[0]!;
    const token = await sessions.begin(id);
    const send = (path: string, { headers, ...init }: Init = {}): Promise<Response> =>
      site.fetch(path, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } });
    const upload: Person['upload'] = (name, bytes = png(), type = 'image/png') =>
      send(`/media?name=${encodeURIComponent(name)}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: bytes,
      });
    const store = async (name: string): Promise<Media> => {
      const answer = await upload(name);
      if (answer.status !== 201) {
        throw new Error(`${name} was not taken: ${await answer.text()}`);
      }
      return (await answer.json()) as Media;
    };
    return { id, email, password, token, fetch: send, upload, store };
  };
}
