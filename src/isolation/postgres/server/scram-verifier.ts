import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/**
 * What Postgres keeps of a password, so that neither its log nor its statistics ever see the password itself.
 *
 * One iteration, where the default of 4096 costs each connection a millisecond: stretching protects passwords that can
 * be guessed, and these are random (RFC 5802, section 3; the format is that of `pg_authid.rolpassword`).
 */
export function scramVerifier(password: string): string {
  const iterations = 1;
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const server = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
