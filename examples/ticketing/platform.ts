import { MayflyError } from 'mayfly';
import {
  columns,
  eventModel,
  type AuditLog,
  type Database,
  type EventId,
  type Financial,
  type Gdpr,
  type StripePayments,
  type TicketedEvent,
  type Wallet,
} from 'mayfly/services';

/** What the application works with: in tests the services of a lease. */
export interface Services {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly gdpr: Gdpr;
  readonly financial: Financial;
  readonly wallet: Wallet;
  readonly stripe: StripePayments;
}

export interface Platform extends Services {
  readonly findEvent: (id: EventId) => Promise<TicketedEvent>;
}

export function platformOf(services: Services): Platform {
  const findEvent = async (id: EventId): Promise<TicketedEvent> => {
    const { database } = services;
    const [event] = await database.select(eventModel, `SELECT ${columns.events} FROM events WHERE id = $1`, [id]);
    if (event === undefined) {
      throw new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
        message: 'There is no such event.',
        remedy: 'Choose another.',
      });
    }
    return event;
  };
  return { ...services, findEvent };
}
