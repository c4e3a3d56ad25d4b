import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { jwtVerify, SignJWT } from 'jose';
import { Refusal } from './refusal.ts';

export interface Session {
  readonly id: string;
  readonly accountId: string;
}

/** For whom tokens are, and how they are signed: what a token itself says of that is not believed. */
export const tokenRules = { algorithms: ['HS256'], issuer: 'media', audience: 'media', requiredClaims: ['exp'] };

const secondsKept = 3_600;

/** A token says who somebody is and cannot be forged; Redis says whether the session is still going on. */
export class Sessions {
  readonly #redis: Redis;
  readonly #key: Uint8Array;

  constructor(redis: Redis, key: Uint8Array) {
    this.#redis = redis;
    this.#key = key;
  }

  /** Gives the token of a new session. */
  async begin(accountId: string): Promise<string> {
    const id = randomUUID();
    await this.#redis.set(keyOf(id), accountId, 'EX', secondsKept);
    return new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(accountId)
      .setJti(id)
      .setIssuer(tokenRules.issuer)
      .setAudience(tokenRules.audience)
      .setIssuedAt()
      .setExpirationTime(`${secondsKept} s`)
      .sign(this.#key);
  }

  /** Whose request it is, by its Authorization header. What exactly is wrong with a token is nobody's business. */
  async of(authorization: string | undefined): Promise<Session> {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
    const session = token === undefined ? undefined : await this.#read(token);
    if (session === undefined || (await this.#redis.get(keyOf(session.id))) !== session.accountId) {
      throw new Refusal('not-signed-in', 'Sign in first.');
    }
    return session;
  }

  async end({ id }: Session): Promise<void> {
    await this.#redis.del(keyOf(id));
  }

  async #read(token: string): Promise<Session | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, tokenRules);
      const { jti: id, sub: accountId } = payload;
      return id === undefined || accountId === undefined ? undefined : { id, accountId };
    } catch {
      return undefined;
    }
  }
}

function keyOf(id: string): string {
  return `session:${id}`;
}
