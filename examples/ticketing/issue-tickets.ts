import { MayflyError } from 'mayfly';
import { newId, type EventId, type Pass, type SubjectId, type TicketId } from 'mayfly/services';
import type Stripe from 'stripe';
import type { Platform } from './platform.ts';

export interface Guest {
  readonly subjectId: SubjectId;
  readonly name: string;
  readonly email: string;
  readonly dietaryRestrictions?: string;
}

/** Hands out what was paid for: tickets, who comes with each, and their passes. All of it is written, or nothing. */
export async function issueTickets(
  { database, audit, financial, gdpr, wallet }: Platform,
  payments: Stripe,
  reference: string,
  guests: readonly Guest[],
): Promise<readonly Pass[]> {
  const { stripeSession } = await financial.find(reference);
  const { metadata } = await payments.checkout.sessions.retrieve(stripeSession ?? '');
  const { eventId, quantity } = metadata as { eventId: EventId; quantity: string };
  if (guests.length !== Number(quantity)) {
    throw refused(`${quantity} tickets were ordered, and ${guests.length} guests are named.`);
  }
  return database.transaction(async (tx) => {
    // Whoever asks at the same time waits here, and finds the tickets.
    await tx.query('SELECT FROM transactions WHERE reference = $1 FOR UPDATE', [reference]);
    const transaction = await financial.within(tx).find(reference);
    const issued = await tx.query('SELECT FROM tickets WHERE transaction_id = $1', [transaction.id]);
    if (transaction.status !== 'completed' || issued.length > 0) {
      throw refused(issued.length > 0 ? 'The tickets were issued before.' : `The payment is ${transaction.status}.`);
    }
    const price = transaction.amount / guests.length;
    const passes: Pass[] = [];
    for (const guest of guests) {
      const ticketId = newId<TicketId>();
      const { subjectId, name, email, dietaryRestrictions = null } = guest;
      await tx.query(`INSERT INTO tickets (id, event_id, transaction_id, number, price) VALUES ($1, $2, $3, $4, $5)`, [
        ticketId,
        eventId,
        transaction.id,
        `T-${ticketId}`,
        price,
      ]);
      await tx.query(
        `INSERT INTO registrations (id, ticket_id, subject_id, name, email, dietary_restrictions)
          VALUES ($1, $2, $3, $4, $5, $6)`,
        [newId(), ticketId, subjectId, name, email, dietaryRestrictions],
      );
      passes.push(await wallet.within(tx).issue(ticketId));
    }
    for (const { subjectId } of guests) {
      await audit.within(tx).record({ type: 'ticket', action: 'ticket_created', reference, subjectId });
      await audit.within(tx).record({ type: 'registration', action: 'registration_completed', reference, subjectId });
      await gdpr.within(tx).record({
        subjectId,
        category: 'contact_information',
        activity: 'registration',
        purpose: 'to let the guest in',
        legalBasis: 'contract',
        fields: ['name', 'email', 'dietary_restrictions'],
        retention: 'P30D',
      });
    }
    return passes;
  });
}

function refused(message: string): MayflyError {
  return new MayflyError('MAYFLY_STATE_REFUSED', { message, remedy: 'Ask for them once, when they are paid.' });
}
