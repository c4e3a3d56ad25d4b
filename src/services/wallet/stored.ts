import { MayflyError } from '../../errors/mayfly-error.ts';
import type { TicketId } from '../database/identifiers.ts';
import type { Queryable } from '../database/queryable.ts';
import { passTicketModel, storedPassModel, type PassTicket, type StoredPass } from './models.ts';

/**
 * The ticket, which nobody else changes until the transaction ends. It is locked before its pass, always.
 *
 * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is none.
 */
export async function lockTicket(tx: Queryable, id: TicketId): Promise<PassTicket> {
  const [ticket] = await tx.select(
    passTicketModel,
    `SELECT ticket.id, ticket.event_id AS "eventId", ticket.status, event.starts_at AS "startsAt", paid.reference,
        registration.subject_id AS "subjectId"
      FROM tickets ticket JOIN events event ON event.id = ticket.event_id
        JOIN transactions paid ON paid.id = ticket.transaction_id
        LEFT JOIN registrations registration ON registration.ticket_id = ticket.id
      WHERE ticket.id = $1 FOR NO KEY UPDATE OF ticket`,
    [id],
  );
  return ticket ?? missing(`There is no ticket \`${id}\`.`, 'Create it first.');
}

/** The pass of a ticket that is not revoked, or of those that are the latest. */
export async function passOf(db: Queryable, ticket: TicketId): Promise<StoredPass> {
  const found = await find(db, 'ticket_id = $1 ORDER BY revoked_at DESC NULLS FIRST LIMIT 1', ticket);
  return found ?? missing(`The ticket \`${ticket}\` has no pass.`, 'Issue it.');
}

/** `undefined` where there is none. */
export async function passById(db: Queryable, id: string): Promise<StoredPass | undefined> {
  return find(db, 'pass.id = $1', id);
}

async function find(db: Queryable, condition: string, value: string): Promise<StoredPass | undefined> {
  const [found] = await db.select(
    storedPassModel,
    `SELECT pass.id, ticket_id AS "ticketId", event_id AS "eventId", version, token_digest AS "tokenDigest",
        tickets.status AS "ticketStatus", key_id AS "keyId", issued_at AS "issuedAt", updated_at AS "updatedAt", expires_at AS "expiresAt",
        redeemed_at AS "redeemedAt", revoked_at AS "revokedAt", revoked_reason AS "revokedReason"
      FROM wallet_passes pass JOIN tickets ON tickets.id = ticket_id WHERE ${condition}`,
    [value],
  );
  return found;
}

function missing(message: string, remedy: string): never {
  throw new MayflyError('MAYFLY_RECORD_NOT_FOUND', { message, remedy, service: 'wallet', phase: 'run' });
}
