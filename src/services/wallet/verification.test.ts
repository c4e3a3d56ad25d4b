import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { base64url, CompactSign, decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { usePasses } from '../../../fixtures/harness/passes.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type EventId, type TicketId } from '../database/identifiers.ts';
import type { Pass } from './models.ts';
import { PassKeys } from './pass-keys.ts';
import { Wallet } from './wallet.ts';

const state = useOwnState();
const refused = { code: 'MAYFLY_PASS_REFUSED', service: 'wallet' };
const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the verification of passes on ${runtime}`, () => {
    const own = usePasses(runtime);
    let pass: Pass;
    let payload: Readonly<Record<string, unknown>>;

    beforeEach(async () => {
      const { ticketId } = await own.buy();
      pass = await own.wallet.issue(ticketId);
      payload = decodeJwt(pass.token);
    });

    /** A token that says this, signed with our key, which only we can do. */
    const forge = async (claims: object, header: object = {}): Promise<string> => {
      const { id, key } = own.wallet.keys.current;
      return new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: 'pass+jwt', kid: id, ...header })
        .sign(key);
    };

    test('reads a header and claims that others can read, too', () => {
      expect(decodeProtectedHeader(pass.token)).toEqual({ alg: 'EdDSA', typ: 'pass+jwt', kid: pass.keyId });
      expect(payload).toMatchObject({ iss: 'urn:mayfly:wallet', jti: pass.id, sub: pass.ticketId, ver: 1 });
    });

    test('refuses every other text', async () => {
      const { token } = pass;
      const change = fc
        .record({
          at: fc.nat(token.length - 1),
          by: fc.constantFrom('A', 'B', 'C', 'z', '0', '9', '-', '_', '.', '=', '+', '/', ' ', 'é'),
        })
        .map(({ at, by }) => `${token.slice(0, at)}${by}${token.slice(at + 1)}`);
      const cut = fc
        .tuple(fc.nat(token.length), fc.nat(20))
        .map(([at, by]) => token.slice(0, at) + token.slice(at + by));
      const grown = fc
        .tuple(fc.nat(token.length), fc.string({ minLength: 1, maxLength: 20 }))
        .map(([at, more]) => token.slice(0, at) + more + token.slice(at));

      await fc.assert(
        fc.asyncProperty(
          fc.oneof(change, cut, grown, fc.string()).filter((other) => other !== token),
          async (other) => {
            await expect(own.wallet.redeem(other)).rejects.toMatchObject(refused);
          },
        ),
        { numRuns: 400 },
      );
      expect(await own.wallet.verify(token)).toMatchObject({ redeemedAt: null });
    });

    test('refuses the same signature in another spelling', async () => {
      // 64 bytes leave four bits of the last of 86 characters without a meaning.
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const last = alphabet.indexOf(pass.token.at(-1) ?? '');
      const respelled = pass.token.slice(0, -1) + alphabet[last ^ 1];

      expect(Buffer.from(respelled.split('.')[2]!, 'base64url')).toEqual(
        Buffer.from(pass.token.split('.')[2]!, 'base64url'),
      );
      await expect(own.wallet.verify(respelled)).rejects.toMatchObject(refused);
    });

    test('refuses other algorithms and other keys', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const ours = own.wallet.keys.publicKey(pass.keyId)!;
      const kid = pass.keyId;
      const body = Buffer.from(JSON.stringify(payload));
      const secret = ours.export({ type: 'spki', format: 'der' });
      const theirs = new CompactSign(body).setProtectedHeader({ alg: 'EdDSA', typ: 'pass+jwt', kid });
      const embedded = { jwk: publicKey.export({ format: 'jwk' }) };
      const foreign = new CompactSign(body).setProtectedHeader({ alg: 'EdDSA', typ: 'pass+jwt', ...embedded });
      const confused = new CompactSign(body).setProtectedHeader({ alg: 'HS256', typ: 'pass+jwt', kid });

      for (const token of [
        `${encode({ alg: 'none', typ: 'pass+jwt', kid })}.${encode(payload)}.`,
        `${encode({ alg: 'none' })}.${encode(payload)}.`,
        await confused.sign(secret),
        await theirs.sign(privateKey),
        await foreign.sign(privateKey),
      ]) {
        await expect(own.wallet.verify(token)).rejects.toMatchObject(refused);
      }
    });

    test('refuses what our own key signed and nobody issued', async () => {
      for (const token of [
        await forge({ ...payload, iat: 1 }),
        await forge({ ...payload, ver: 2 }),
        await forge({ ...payload, jti: newId() }),
        await forge({ ...payload, sub: newId() }),
        await forge({ ...payload, evt: newId() }),
        await forge({ ...payload, exp: undefined }),
        await forge({ ...payload, exp: 5e9 }),
        await forge({ ...payload, ver: undefined }),
      ]) {
        await expect(own.wallet.redeem(token)).rejects.toMatchObject(refused);
      }
      for (const token of [
        await forge({ ...payload, iss: 'urn:other' }),
        await forge(payload, { typ: 'JWT' }),
        await forge([]),
      ]) {
        await expect(own.wallet.redeem(token)).rejects.toMatchObject({
          ...refused,
          message: expect.stringContaining('not a token'),
        });
      }
      expect(await own.wallet.verify(pass.token)).toMatchObject({ redeemedAt: null });
    });

    test('refuses what has expired, from that second on', async () => {
      const before = new Date(pass.expiresAt.getTime() - 1);

      expect(await own.wallet.verify(pass.token, { at: before })).toMatchObject({ id: pass.id });
      await expect(own.wallet.redeem(pass.token, { at: pass.expiresAt })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('expired'),
        cause: { code: 'ERR_JWT_EXPIRED' },
      });
    });

    test('refuses what the database says has expired', async () => {
      await own.db.query(`UPDATE wallet_passes SET expires_at = now() - interval '1 second'`);

      await expect(own.wallet.verify(pass.token)).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('expired'),
      });
    });

    test('refuses a pass for something else, of a cancelled ticket, and of one that is gone', async () => {
      await expect(own.wallet.verify(pass.token, { ticketId: newId<TicketId>() })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('another ticket'),
      });
      await expect(own.wallet.redeem(pass.token, { eventId: newId<EventId>() })).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('another event'),
      });
      await own.db.query(`UPDATE tickets SET status = 'cancelled'`);
      await expect(own.wallet.redeem(pass.token)).rejects.toMatchObject(refused);
      await own.db.query('DELETE FROM registrations; DELETE FROM tickets');
      await expect(own.wallet.redeem(pass.token)).rejects.toMatchObject(refused);
    });

    test('verifies what keys that were kept have signed, in another process, and signs with the last', async () => {
      const kept = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey];
      const [older, later] = [new PassKeys(kept.slice(0, 1)), new PassKeys(kept)];
      const { db, audit } = own;
      const { ticketId } = await own.buy();

      const { token } = await new Wallet(db, audit, older).issue(ticketId);

      expect(await new Wallet(db, audit, later).verify(token)).toMatchObject({ ticketId, keyId: older.current.id });
      expect(later.ids).toEqual([older.current.id, later.current.id]);
    });

    test.each([
      generateKeyPairSync('ed25519').publicKey,
      generateKeyPairSync('x25519').privateKey,
      'a secret' as never,
      null as never,
    ])('takes no key that cannot sign passes', (key) => {
      expect(() => new PassKeys([generateKeyPairSync('ed25519').privateKey, key])).toThrow(
        expect.objectContaining({ code: 'MAYFLY_INPUT_INVALID', message: expect.stringContaining('`keys.1`') }),
      );
    });

    test('verifies with an old key until it is retired', async () => {
      const old = own.wallet.keys.current.id;
      const current = own.wallet.keys.rotate();

      expect(own.wallet.keys.ids).toEqual([old, current]);
      expect(await own.wallet.verify(pass.token)).toMatchObject({ keyId: old });
      expect(() => own.wallet.keys.retire(current)).toThrow(expect.objectContaining({ code: 'MAYFLY_STATE_REFUSED' }));
      own.wallet.keys.retire(old);
      expect(() => own.wallet.keys.retire(old)).toThrow(expect.objectContaining({ code: 'MAYFLY_RECORD_NOT_FOUND' }));
      await expect(own.wallet.verify(pass.token)).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('retired'),
      });
      const updated = await own.wallet.update(pass.ticketId);
      expect(await own.wallet.redeem(updated.token)).toMatchObject({ keyId: current, version: 2 });
    });

    test('knows nothing of the keys of another wallet', async () => {
      const other = new Wallet(own.db, own.audit);

      await expect(other.verify(pass.token)).rejects.toMatchObject(refused);
    });
  });
}
