import type { OnConnection } from '../../service/shared-connection.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { newId, ticketId as ticketIdModel, type TicketId } from '../database/identifiers.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { judge } from './judge.ts';
import {
  expectationModel,
  issueModel,
  passRecordModel,
  revocationModel,
  type Expectation,
  type Pass,
  type PassOptions,
  type PassRecord,
  type PassTicket,
  type RevocationOptions,
  type StoredPass,
} from './models.ts';
import { PassKeys } from './pass-keys.ts';
import { handOver } from './qr-code.ts';
import { passRefused } from './refusal.ts';
import { assertNotRevoked, assertUnused, defaultExpiry, refused } from './states.ts';
import { lockTicket, passById, passOf } from './stored.ts';
import { digestOf, readToken, sign, type PassClaims } from './token.ts';

const service = 'wallet';

/**
 * Passes for tickets: signed tokens, each in a QR code. A ticket has one pass at a time, and a pass one token that is good.
 * All that is written is written together with its audit entries, or not at all.
 *
 * What was given is checked first: MayflyError `MAYFLY_INPUT_INVALID` names the field.
 */
export class Wallet implements OnConnection {
  /** What signs and verifies; the same for all copies on transactions. */
  readonly keys: PassKeys;
  readonly #db: Queryable;
  readonly #audit: AuditLog;

  constructor(db: Queryable, audit: AuditLog, keys: PassKeys = new PassKeys()) {
    this.#db = db;
    this.#audit = audit;
    this.keys = keys;
  }

  get sharedConnection(): Queryable {
    return this.#db;
  }

  /** The same on a transaction, which it then is a part of. */
  within(db: Queryable): Wallet {
    return new Wallet(db, this.#audit, this.keys);
  }

  /**
   * Issues the pass of a ticket. Once revoked there can be another.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such ticket; `MAYFLY_STATE_REFUSED` where it has a pass,
   *   was used or cancelled, or its event is over and nothing is said of when the pass expires.
   */
  async issue(ticketId: TicketId, options: PassOptions = {}): Promise<Pass> {
    const { at, expiresAt, qr, ...wanted } = valid(issueModel, { ...options, ticketId }, service);
    return this.#db.transaction(async (tx) => {
      const ticket = await lockTicket(tx, wanted.ticketId);
      assertUnused(ticket);
      const pass = { id: newId(), version: 1, expiresAt: expiresAt ?? defaultExpiry(ticket, at) };
      const signed = await this.#sign(ticket, pass, at);
      const inserted = await tx.query(
        `INSERT INTO wallet_passes (id, ticket_id, token_digest, key_id, issued_at, updated_at, expires_at)
          VALUES ($1, $2, $3, $4, $5, $5, $6)
          ON CONFLICT (ticket_id) WHERE revoked_at IS NULL DO NOTHING RETURNING id`,
        [pass.id, ticket.id, signed.digest, signed.keyId, at, pass.expiresAt],
      );
      if (inserted.length === 0) {
        throw refused(`The ticket \`${ticket.id}\` has a pass.`, 'Update it, or revoke it first.');
      }
      await this.#record(tx, 'pass_issued', ticket, pass, at);
      return handOver(await passOf(tx, ticket.id), signed.token, qr);
    });
  }

  /**
   * Gives the pass of a ticket another token, signed with the current key; the one before is refused from then on.
   *
   * @throws MayflyError as `issue` does; `MAYFLY_RECORD_NOT_FOUND` also where the ticket has no pass,
   *   `MAYFLY_STATE_REFUSED` where that is revoked.
   */
  async update(ticketId: TicketId, options: PassOptions = {}): Promise<Pass> {
    const { at, expiresAt, qr, ...wanted } = valid(issueModel, { ...options, ticketId }, service);
    return this.#db.transaction(async (tx) => {
      const ticket = await lockTicket(tx, wanted.ticketId);
      const before = await passOf(tx, ticket.id);
      assertUnused(ticket);
      assertNotRevoked(before);
      const pass = {
        id: before.id,
        version: before.version + 1,
        expiresAt: expiresAt ?? (before.expiresAt > at ? before.expiresAt : defaultExpiry(ticket, at)),
      };
      const signed = await this.#sign(ticket, pass, at);
      await tx.query(
        `UPDATE wallet_passes SET version = $2, token_digest = $3, key_id = $4, updated_at = greatest($5, issued_at),
          expires_at = $6 WHERE id = $1`,
        [pass.id, pass.version, signed.digest, signed.keyId, at, pass.expiresAt],
      );
      await this.#record(tx, 'pass_updated', ticket, pass, at);
      return handOver(await passOf(tx, ticket.id), signed.token, qr);
    });
  }

  /**
   * Refuses the pass of a ticket from now on.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such ticket, or it has no pass; `MAYFLY_STATE_REFUSED`
   *   where the pass was redeemed, or is revoked already.
   */
  async revoke(ticketId: TicketId, options: RevocationOptions): Promise<PassRecord> {
    const { reason, at, ...wanted } = valid(revocationModel, { ...options, ticketId }, service);
    return this.#db.transaction(async (tx) => {
      const ticket = await lockTicket(tx, wanted.ticketId);
      const pass = await passOf(tx, ticket.id);
      assertNotRevoked(pass);
      if (pass.redeemedAt !== null) {
        throw refused(`The pass of the ticket \`${ticket.id}\` was redeemed.`, 'It lets nobody in again.');
      }
      await tx.query('UPDATE wallet_passes SET revoked_at = $2, revoked_reason = $3 WHERE id = $1', [
        pass.id,
        at,
        reason,
      ]);
      await this.#record(tx, 'pass_revoked', ticket, pass, at, { reason });
      return passRecordModel.parse(await passOf(tx, ticket.id));
    });
  }

  /** @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where the ticket has no pass. */
  async find(ticketId: TicketId): Promise<PassRecord> {
    return passRecordModel.parse(await passOf(this.#db, valid(ticketIdModel, ticketId, service)));
  }

  /**
   * What is known of the pass whose token this is. One that was redeemed is still good here, and says so.
   *
   * @throws MayflyError `MAYFLY_PASS_REFUSED` where the token is not ours, has expired, was replaced or revoked, its
   *   ticket was cancelled, or it is for another ticket or event than the one that is expected.
   */
  async verify(token: string, expected: Expectation = {}): Promise<PassRecord> {
    const shown = valid(expectationModel, { ...expected, token }, service);
    const claims = await readToken(shown.token, this.keys, shown.at);
    const pass = await known(this.#db, claims);
    judge(shown, claims, pass);
    return passRecordModel.parse(pass);
  }

  /**
   * Lets the holder in, once: the ticket is validated then, and audited as `ticket_validated`.
   *
   * @throws MayflyError as `verify` does; `MAYFLY_STATE_REFUSED` where the ticket was used before.
   */
  async redeem(token: string, expected: Expectation = {}): Promise<PassRecord> {
    const shown = valid(expectationModel, { ...expected, token }, service);
    const claims = await readToken(shown.token, this.keys, shown.at);
    return this.#db.transaction(async (tx) => {
      const { ticketId } = await known(tx, claims);
      const ticket = await lockTicket(tx, ticketId);
      const pass = await known(tx, claims);
      judge(shown, claims, pass);
      assertUnused(ticket);
      await tx.query(`UPDATE tickets SET status = 'validated' WHERE id = $1`, [ticket.id]);
      await tx.query('UPDATE wallet_passes SET redeemed_at = $2 WHERE id = $1', [pass.id, shown.at]);
      await this.#record(tx, 'ticket_validated', ticket, pass, shown.at);
      return { ...passRecordModel.parse(pass), redeemedAt: shown.at };
    });
  }

  async #sign(
    { id: ticketId, eventId }: PassTicket,
    { id: passId, version, expiresAt }: Pick<PassRecord, 'id' | 'version' | 'expiresAt'>,
    issuedAt: Date,
  ): Promise<{ readonly token: string; readonly digest: Buffer; readonly keyId: string }> {
    const key = this.keys.current;
    const token = await sign({ passId, ticketId, eventId, version, issuedAt, expiresAt }, key);
    return { token, digest: digestOf(token), keyId: key.id };
  }

  async #record(
    tx: Queryable,
    action: string,
    { id: ticket, reference, subjectId }: PassTicket,
    { id: pass, version }: Pick<PassRecord, 'id' | 'version'>,
    at: Date,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.#audit.within(tx).record({
      type: action.startsWith('ticket_') ? 'ticket' : 'wallet',
      action,
      reference,
      ...(subjectId !== null && { subjectId }),
      data: { ticket, pass, version, ...more },
      at,
    });
  }
}

/** The pass that a token of ours names. It is gone where its ticket is. */
async function known(db: Queryable, { passId }: PassClaims): Promise<StoredPass> {
  const pass = await passById(db, passId);
  if (pass === undefined) {
    throw passRefused('There is none like it.');
  }
  return pass;
}
