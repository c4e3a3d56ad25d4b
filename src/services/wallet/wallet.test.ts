import fc from 'fast-check';
import { encodeQR } from 'qr';
import { afterAll, describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { startsAt, usePasses } from '../../../fixtures/harness/passes.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { newId, type TicketId } from '../database/identifiers.ts';
import type { PassOptions } from './models.ts';

const state = useOwnState();
const day = 24 * 60 * 60 * 1000;
const refused = { code: 'MAYFLY_STATE_REFUSED', service: 'wallet' };

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`the wallet service on ${runtime}`, () => {
    const own = usePasses(runtime);

    test('issues a pass with a token and its QR code, until a day after the event begins', async () => {
      const { ticketId, eventId, subjectId, reference } = await own.buy();
      const pass = await own.wallet.issue(ticketId);
      const { token, qr, ...record } = pass;

      expect(pass).toMatchObject({
        ticketId,
        eventId,
        version: 1,
        keyId: own.wallet.keys.current.id,
        redeemedAt: null,
      });
      expect(pass.expiresAt).toEqual(new Date(startsAt.getTime() + day));
      expect(qr).toBe(encodeQR(token, 'svg'));
      expect(await own.wallet.verify(token, { ticketId, eventId })).toEqual(record);
      expect(await own.wallet.find(ticketId)).toEqual(record);
      expect((await own.audit.find()).entries).toMatchObject([
        { type: 'wallet', action: 'pass_issued', reference, subjectId, data: { ticket: ticketId, pass: pass.id } },
      ]);
      expect(await own.db.query(`SELECT FROM wallet_passes p WHERE p::text LIKE '%' || $1 || '%'`, [token])).toEqual(
        [],
      );
    });

    test('issues one that expires when it is said to, with the code as an image', async () => {
      const { ticketId } = await own.buy(new Date('2000-01-01T00:00:00Z'));
      const expiresAt = new Date('2100-01-01T00:00:00.900Z');
      const pass = await own.wallet.issue(ticketId, { expiresAt, qr: 'data-url' });

      expect(pass.expiresAt).toEqual(new Date('2100-01-01T00:00:00Z'));
      expect(pass.qr).toMatch(/^data:image\/gif;base64,/);
    });

    test('issues none for what is not there, is over, was used or was cancelled', async () => {
      await expect(own.wallet.issue(newId<TicketId>())).rejects.toMatchObject({
        code: 'MAYFLY_RECORD_NOT_FOUND',
        message: expect.stringContaining('ticket'),
      });
      const over = await own.buy(new Date('2000-01-01T00:00:00Z'));
      await expect(own.wallet.issue(over.ticketId)).rejects.toMatchObject(refused);
      for (const status of ['validated', 'cancelled']) {
        const { ticketId } = await own.buy();
        await own.db.query('UPDATE tickets SET status = $2 WHERE id = $1', [ticketId, status]);
        await expect(own.wallet.issue(ticketId)).rejects.toMatchObject(refused);
      }
      expect(await own.counts()).toEqual([{ passes: 0, entries: 0 }]);
    });

    test('issues one of fifty that are asked for at once', async () => {
      const { ticketId } = await own.buy();
      const tried = await Promise.allSettled(Array.from({ length: 50 }, () => own.wallet.issue(ticketId)));

      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const lost of tried.filter((one) => one.status === 'rejected')) {
        expect(lost.reason).toMatchObject(refused);
      }
      expect(await own.counts()).toEqual([{ passes: 1, entries: 1 }]);
    });

    test('updates a pass, however many ask at once: the last token is good and no other', async () => {
      const { ticketId } = await own.buy();
      const issued = await own.wallet.issue(ticketId);
      const updated = await Promise.all(Array.from({ length: 10 }, () => own.wallet.update(ticketId)));
      const latest = updated.find(({ version }) => version === 11);

      expect(updated.map(({ version }) => version).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(await own.wallet.verify(latest?.token ?? '')).toMatchObject({ id: issued.id, version: 11 });
      for (const { token } of [issued, ...updated.filter(({ version }) => version < 11)]) {
        await expect(own.wallet.verify(token)).rejects.toMatchObject({
          code: 'MAYFLY_PASS_REFUSED',
          message: expect.stringContaining('replaced'),
        });
      }
      expect(latest?.expiresAt).toEqual(issued.expiresAt);
      expect(await own.audited()).toEqual(['pass_issued', ...Array.from({ length: 10 }, () => 'pass_updated')]);
    });

    test('revokes a pass; then there can be another', async () => {
      const { ticketId } = await own.buy();
      const { token, id } = await own.wallet.issue(ticketId);
      const at = new Date('2026-01-01T00:00:00Z');

      expect(await own.wallet.revoke(ticketId, { reason: 'lost', at })).toMatchObject({
        revokedAt: at,
        revokedReason: 'lost',
      });
      await expect(own.wallet.verify(token)).rejects.toMatchObject({
        code: 'MAYFLY_PASS_REFUSED',
        message: expect.stringContaining('revoked'),
      });
      await expect(own.wallet.revoke(ticketId, { reason: 'lost' })).rejects.toMatchObject(refused);
      await expect(own.wallet.update(ticketId)).rejects.toMatchObject(refused);
      const again = await own.wallet.issue(ticketId);
      expect(again.id).not.toBe(id);
      await expect(own.wallet.redeem(token)).rejects.toMatchObject({ code: 'MAYFLY_PASS_REFUSED' });
      expect(await own.wallet.redeem(again.token)).toMatchObject({ id: again.id });
      expect(await own.audited()).toEqual(['pass_issued', 'pass_revoked', 'pass_issued', 'ticket_validated']);
    });

    test('says that there is no such ticket, or no pass of it', async () => {
      const { ticketId } = await own.buy();

      for (const id of [ticketId, newId<TicketId>()]) {
        for (const asked of [
          () => own.wallet.update(id),
          () => own.wallet.revoke(id, { reason: 'lost' }),
          () => own.wallet.find(id),
        ]) {
          await expect(asked()).rejects.toMatchObject({ code: 'MAYFLY_RECORD_NOT_FOUND' });
        }
      }
    });

    test('lets one of fifty in with the same pass', async () => {
      const { ticketId, eventId, reference, subjectId } = await own.buy();
      const { token } = await own.wallet.issue(ticketId);
      const at = new Date('2026-06-01T18:30:00Z');
      const enter = async () => own.wallet.redeem(token, { ticketId, eventId, at });
      const tried = await Promise.allSettled(Array.from({ length: 50 }, enter));

      expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const lost of tried.filter((one) => one.status === 'rejected')) {
        expect(lost.reason).toMatchObject(refused);
      }
      expect(await own.db.query('SELECT status FROM tickets')).toEqual([{ status: 'validated' }]);
      expect(await own.wallet.verify(token)).toMatchObject({ redeemedAt: at });
      expect((await own.audit.find({ type: 'ticket' })).entries).toMatchObject([
        { action: 'ticket_validated', reference, subjectId, at },
      ]);
      for (const late of [() => own.wallet.update(ticketId), () => own.wallet.revoke(ticketId, { reason: 'lost' })]) {
        await expect(late()).rejects.toMatchObject(refused);
      }
    });

    test('writes nothing where the audit log does not, nor where the transaction is undone', async () => {
      const { ticketId } = await own.buy();
      const { token } = await own.wallet.issue(ticketId);
      const undone = own.db.transaction(async (tx) => {
        await own.wallet.within(tx).redeem(token);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      own.audit.intercept(/./, () => {
        throw new Error('no entry');
      });
      await expect(own.wallet.redeem(token)).rejects.toThrow('no entry');
      await expect(own.wallet.update(ticketId)).rejects.toThrow('no entry');

      expect(await own.wallet.verify(token)).toMatchObject({ redeemedAt: null, version: 1 });
      expect(await own.db.query('SELECT status FROM tickets')).toEqual([{ status: 'issued' }]);
    });

    test.each<[string, PassOptions]>([
      ['expiresAt', { expiresAt: new Date(0) }],
      ['expiresAt', { expiresAt: new Date(Number.NaN) }],
      ['at', { at: 'now' } as unknown as PassOptions],
      ['qr', { qr: 'png' } as unknown as PassOptions],
      ['ticketId', {}],
    ])('refuses an order whose %s is not valid', async (field, options) => {
      const ticketId = field === 'ticketId' ? ('T-1' as TicketId) : (await own.buy()).ticketId;

      await expect(own.wallet.issue(ticketId, options)).rejects.toMatchObject({
        code: 'MAYFLY_INPUT_INVALID',
        message: expect.stringContaining(`\`${field}\``),
      });
      expect(await own.counts()).toEqual([{ passes: 0, entries: 0 }]);
    });

    test('refuses whatever else is thrown at it with a code, and writes nothing', async () => {
      const { ticketId } = await own.buy();
      const calls: ((value: never) => Promise<unknown>)[] = [
        (value) => own.wallet.issue(value),
        (value) => own.wallet.update(value),
        (value) => own.wallet.update(ticketId, value),
        (value) => own.wallet.revoke(value, { reason: 'lost' }),
        (value) => own.wallet.revoke(ticketId, value),
        (value) => own.wallet.revoke(ticketId, { reason: value }),
        (value) => own.wallet.find(value),
        (value) => own.wallet.verify(value),
        (value) => own.wallet.redeem(value),
        (value) => own.wallet.redeem('token', value),
      ];

      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...calls), fc.anything(), async (call, value) => {
          const outcome = await call(value as never).catch((error: unknown) => error);
          expect(['MAYFLY_INPUT_INVALID', 'MAYFLY_RECORD_NOT_FOUND', 'MAYFLY_PASS_REFUSED']).toContain(
            (outcome as { code?: string }).code,
          );
        }),
        { numRuns: 300, examples: calls.flatMap((call) => ['a\0', '\uD800', null].map((bad) => [call, bad] as never)) },
      );
      expect(await own.counts()).toEqual([{ passes: 0, entries: 0 }]);
    });
  });
}
