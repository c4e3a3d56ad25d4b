import type { OnConnection } from '../../service/shared-connection.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { PaymentTransaction } from '../database/models.ts';
import type { Cents } from '../database/money.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Financial } from '../financial/financial.ts';
import { referenceModel } from '../financial/models.ts';
import { valid } from '../input.ts';
import { decide, type AdvanceTo, type Decision } from './decide.ts';
import { readEvent } from './event.ts';
import { Inbox, type PaymentKeys } from './inbox.ts';
import {
  inboxQuery,
  receiveOptions,
  type InboxEntry,
  type InboxQuery,
  type Receipt,
  type ReceiveOptions,
} from './models.ts';
import type { Movement } from './movement.ts';
import { link, paymentOf } from './payment-of.ts';
import { webhook, type Webhook, type WebhookOptions } from './webhook.ts';

/** What the service works on. */
export interface StripeParts {
  readonly db: Queryable;
  readonly financial: Financial;
  readonly audit: AuditLog;
}

/**
 * Stripe's events, and what they do to payments.
 *
 * Each event is processed once, in one transaction with its entry in the inbox: of what fails nothing is written, and when
 * Stripe sends it again it is new. One that comes before what it builds on is parked, and carried out when that has come.
 */
export class StripePayments implements OnConnection {
  readonly #parts: StripeParts;

  constructor(parts: StripeParts) {
    this.#parts = parts;
  }

  get sharedConnection(): Queryable {
    return this.#parts.db;
  }

  /**
   * This service on a transaction, so that what it writes is written together with other things, or not at all.
   *
   * Let it come first in the transaction. Whoever has written to the audit log holds the end of its chain; an event that is
   * being received waits for that, and what is asked here would wait for the event: the server ends one of the two.
   */
  within(db: Queryable): StripePayments {
    return new StripePayments({
      db,
      financial: this.#parts.financial.within(db),
      audit: this.#parts.audit.within(db),
    });
  }

  /**
   * The endpoint to which Stripe delivers, for any server that speaks `Request` and `Response`.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID` where an option is missing or wrong.
   *
   * @example
   * ```ts
   * const deliver = payments.webhook({ secret: endpointSecret, uniqueness: 'global' });
   * app.post('/webhooks/stripe', (context) => deliver(context.req.raw));
   * ```
   */
  webhook(options: WebhookOptions): Webhook {
    return webhook((event, received) => this.receive(event, received), options);
  }

  /**
   * Processes an event whose origin is certain: one that was verified, or retrieved from Stripe's API. Deliveries of the
   * same event wait for each other; if the first one fails the next one is the first.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`, naming the field, where it is not an event as Stripe publishes them.
   */
  async receive(event: unknown, options: ReceiveOptions): Promise<Receipt> {
    const { uniqueness, tenant } = valid(receiveOptions, options, 'stripe');
    const checked = { uniqueness, tenant } as ReceiveOptions;
    const received = readEvent(event);
    return this.#alone(async (inner, inbox) => {
      const isNew = await inbox.add(received, checked);
      if (isNew && received.movement !== null) {
        await inner.#carryOn(inbox, received.movement);
      }
      return { duplicate: !isNew, ...(await inbox.get(received.id, checked)) };
    });
  }

  /**
   * Carries out what was parked for a transaction. For events that came before the transaction was written: call it when
   * what `Financial.create` wrote has been committed. That was audited, so in the same transaction see {@link within}.
   *
   * @returns the entries that were parked, as they are now.
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such transaction.
   */
  async settle(reference: string): Promise<readonly InboxEntry[]> {
    valid(referenceModel, reference, 'stripe');
    return this.#alone(async (inner, inbox) => {
      const payment = await inner.#parts.financial.find(reference);
      return inner.#carryOn(inbox, {
        session: payment.stripeSession,
        paymentIntent: payment.paymentIntent,
        reference,
      });
    });
  }

  /**
   * What was received, the latest first: `{ state: 'parked' }` waits for something, `{ state: 'refused' }` is for a person
   * to look at.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`, naming the field.
   */
  async inbox(query: InboxQuery = {}): Promise<readonly InboxEntry[]> {
    return new Inbox(this.#parts.db).find(valid(inboxQuery, query, 'stripe'));
  }

  async #alone<Result>(work: (inner: StripePayments, inbox: Inbox) => Promise<Result>): Promise<Result> {
    return this.#parts.db.transaction(async (tx) => {
      const inbox = new Inbox(tx);
      await inbox.enter();
      return work(this.within(tx), inbox);
    });
  }

  /** Carries out what waits for a payment, again and again until nothing more can be: each may be what others waited for. */
  async #carryOn(inbox: Inbox, keys: PaymentKeys): Promise<readonly InboxEntry[]> {
    const touched = new Map<string, InboxEntry>();
    let known = keys;
    for (let moved = true; moved;) {
      moved = false;
      for (const entry of await inbox.waitingFor(known)) {
        const { concluded, names } = await this.#attempt(entry);
        await inbox.conclude(concluded);
        touched.set(`${concluded.scope} ${concluded.eventId}`, concluded);
        moved ||= concluded.state !== 'parked';
        known = names ?? known;
      }
    }
    return [...touched.values()];
  }

  async #attempt(entry: InboxEntry): Promise<{ concluded: InboxEntry; names?: PaymentKeys }> {
    const movement = entry.movement as Movement;
    const known = await paymentOf(this.#parts.db, movement, entry.tenantId);
    if (known === undefined) {
      return { concluded: { ...entry, reason: 'the payment is not known yet' } };
    }
    const { payment, isAmbiguous } = known;
    const { reference } = payment;
    const decision: Decision = isAmbiguous
      ? { does: 'refuse', reason: 'more than one payment goes by the names in it' }
      : decide(payment, movement);
    if (decision.does === 'refuse') {
      await this.#refuse(entry, reference, decision.reason);
      return { concluded: { ...entry, state: 'refused', reason: decision.reason, reference } };
    }
    // Also one that waits says under which names the payment goes.
    const names = await link(this.#parts.db, payment, movement);
    if (decision.does === 'wait') {
      return { concluded: { ...entry, reason: decision.reason, reference }, names };
    }
    await this.#advance(entry, movement, payment, decision.through);
    return { concluded: { ...entry, state: 'processed', reason: null, reference }, names };
  }

  async #advance(
    { eventId, createdAt }: InboxEntry,
    movement: Movement,
    { reference, refunded }: PaymentTransaction,
    through: readonly AdvanceTo[],
  ): Promise<void> {
    if (movement.to === 'attempt_failed') {
      await this.#parts.audit.record({
        type: 'payment',
        action: 'payment_retry',
        reference,
        at: createdAt,
        data: { eventId },
      });
    }
    for (const to of through) {
      await this.#parts.financial.advance(reference, to, {
        at: createdAt,
        // An event moves a payment once: what it passes through has a name derived from it.
        eventId: to === movement.to ? eventId : `${eventId}:${to}`,
        // Stripe says how much was refunded in all, and the ledger wants to know how much more.
        ...(to === 'refunded' ? { amount: ((movement.amount ?? 0) - refunded) as Cents } : {}),
      });
    }
  }

  async #refuse({ eventId, type }: InboxEntry, reference: string, reason: string): Promise<void> {
    await this.#parts.audit.record({
      type: 'payment',
      action: 'payment_event_refused',
      severity: 'critical',
      reference,
      data: { eventId, eventType: type, reason },
    });
  }
}
