import { createHash } from 'node:crypto';
import { z } from 'zod';
import { eventId, ticketId, type EventId, type TicketId } from '../database/identifiers.ts';
import type { PassKeys, SigningKey } from './pass-keys.ts';
import { passRefused } from './refusal.ts';

const algorithm = 'EdDSA';
const issuer = 'urn:mayfly:wallet';
const type = 'pass+jwt';

/** What a token says, apart from who issued it. */
export interface PassClaims {
  readonly passId: string;
  readonly ticketId: TicketId;
  readonly eventId: EventId;
  readonly version: number;
  readonly issuedAt: Date;
  /** In whole seconds, as tokens count. */
  readonly expiresAt: Date;
}

const seconds = z
  .int()
  .nonnegative()
  .transform((value) => new Date(value * 1000));

/** The registered claims of RFC 7519, and two of our own. */
const payload = z.object({
  jti: z.uuid(),
  sub: ticketId,
  evt: eventId,
  ver: z.int().positive(),
  iat: seconds,
  exp: seconds,
});

/** A JWS in its compact form (RFC 7515). */
export async function sign(claims: PassClaims, { id, key }: SigningKey): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT({ evt: claims.eventId, ver: claims.version })
    .setProtectedHeader({ alg: algorithm, typ: type, kid: id })
    .setIssuer(issuer)
    .setJti(claims.passId)
    .setSubject(claims.ticketId)
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(key);
}

/**
 * What a token says, if one of our keys signed it and it has not expired.
 *
 * @throws MayflyError `MAYFLY_PASS_REFUSED` otherwise.
 */
export async function readToken(token: string, keys: PassKeys, at: Date): Promise<PassClaims> {
  const { jwtVerify, errors } = await import('jose');
  const publicKey = ({ kid }: { readonly kid?: string }) => {
    const found = keys.publicKey(kid ?? '');
    if (found === undefined) {
      throw passRefused('Its key is not one of ours, or retired.');
    }
    return found;
  };
  const options = { algorithms: [algorithm], issuer, typ: type, currentDate: at };
  const verified = await jwtVerify(token, publicKey, options).catch((error: unknown) => {
    if (error instanceof errors.JWTExpired) {
      throw passRefused('It has expired.', error);
    }
    throw error instanceof errors.JOSEError ? passRefused('It is not a token that we signed.', error) : error;
  });
  const parsed = payload.safeParse(verified.payload);
  if (!parsed.success) {
    throw passRefused('It does not say what a pass says.', parsed.error);
  }
  const { jti, sub, evt, ver, iat, exp } = parsed.data;
  return { passId: jti, ticketId: sub, eventId: evt, version: ver, issuedAt: iat, expiresAt: exp };
}

/** What is kept of a token. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
