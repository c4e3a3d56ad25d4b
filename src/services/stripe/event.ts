import { z } from 'zod';
import { textOfNobody } from '../audit/personal-data.ts';
import { storableText } from '../database/storable.ts';
import { valid } from '../input.ts';
import type { Destination, Movement } from './movement.ts';

/** An event of Stripe's as far as this service reads it. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  /** By Stripe's clock, which has whole seconds. */
  readonly createdAt: Date;
  /** Null for an event that moves no payment. */
  readonly movement: Movement | null;
}

/** The last second of the year 9999: Date and timestamptz both have it. */
const endOfTime = 253_402_300_799;

const id = storableText(255);
/** In events these are identifiers; in the API's answers they may be the things themselves. */
const expandable = z.union([id, z.looseObject({ id }).transform((expanded) => expanded.id)]).nullable();
const amount = z.int().nonnegative();
const currency = z.string().regex(/^[a-z]{3}$/, 'expected an ISO 4217 code in small letters, as Stripe writes it');
const metadata = z.record(z.string(), z.string()).nullish();

const session = z.looseObject({
  object: z.literal('checkout.session'),
  id,
  amount_total: amount.nullable(),
  currency: currency.nullable(),
  client_reference_id: z.string().nullish(),
  payment_intent: expandable,
  payment_status: z.string(),
  metadata,
});
const intent = z.looseObject({
  object: z.literal('payment_intent'),
  id,
  amount_capturable: amount,
  amount_received: amount,
  currency,
  metadata,
});
const charge = z.looseObject({
  object: z.literal('charge'),
  id,
  amount_refunded: amount,
  currency,
  payment_intent: expandable,
  metadata,
});

/**
 * The events that move a payment, and whereto. A declined card is not the end of a payment: Stripe lets the customer try
 * another one on the same payment intent, and says `payment_intent.canceled` or `checkout.session.expired` when it is over.
 */
const movements: Readonly<Record<string, z.ZodType<Movement>>> = {
  'checkout.session.completed': session.transform((object) =>
    // Of a session that is complete but unpaid the money is on hold or on its way: events of their own say so later.
    ofSession(object, object.payment_status === 'unpaid' ? 'linked' : 'completed'),
  ),
  'checkout.session.async_payment_succeeded': session.transform((object) => ofSession(object, 'completed')),
  'checkout.session.async_payment_failed': session.transform((object) => ofSession(object, 'failed')),
  'checkout.session.expired': session.transform((object) => ofSession(object, 'failed')),
  'payment_intent.amount_capturable_updated': intent.transform((object) =>
    ofIntent(object, 'authorized', object.amount_capturable),
  ),
  'payment_intent.succeeded': intent.transform((object) => ofIntent(object, 'completed', object.amount_received)),
  'payment_intent.payment_failed': intent.transform((object) => ofIntent(object, 'attempt_failed', null)),
  'payment_intent.canceled': intent.transform((object) => ofIntent(object, 'failed', null)),
  'charge.refunded': charge.transform((object) => ({
    to: 'refunded',
    session: null,
    paymentIntent: object.payment_intent,
    reference: referenceIn(object.metadata),
    amount: object.amount_refunded,
    currency: object.currency.toUpperCase(),
  })),
};

const envelope = z.looseObject({
  object: z.literal('event'),
  id: z
    .string()
    .regex(/^evt_\w+$/, "expected the id of an event, which begins with 'evt_'")
    .max(240),
  type: storableText(255),
  created: z.int().nonnegative().max(endOfTime),
  data: z.looseObject({ object: z.looseObject({}) }),
});

/**
 * What an event says, of whatever type.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID`, naming the field, where it is not an event as Stripe publishes them.
 */
export function readEvent(input: unknown): ReceivedEvent {
  const event = valid(envelope, input, 'stripe');
  const model = Object.hasOwn(movements, event.type) ? movements[event.type] : undefined;
  const moved =
    model === undefined
      ? undefined
      : valid(z.looseObject({ data: z.looseObject({ object: model }) }), event, 'stripe').data.object;
  return {
    id: event.id,
    type: event.type,
    createdAt: new Date(event.created * 1000),
    // A charge that belongs to no payment intent is none of ours.
    movement: moved !== undefined && isOfAPayment(moved) ? moved : null,
  };
}

function ofSession(object: z.output<typeof session>, to: Destination): Movement {
  return {
    to,
    session: object.id,
    paymentIntent: object.payment_intent,
    reference: asReference(object.client_reference_id) ?? referenceIn(object.metadata),
    amount: object.amount_total,
    currency: object.currency?.toUpperCase() ?? null,
  };
}

function ofIntent(object: z.output<typeof intent>, to: Destination, received: number | null): Movement {
  return {
    to,
    session: null,
    paymentIntent: object.id,
    reference: referenceIn(object.metadata),
    amount: received,
    currency: object.currency.toUpperCase(),
  };
}

function referenceIn(data: z.output<typeof metadata>): string | null {
  return asReference(data?.['reference']);
}

/** What cannot be a reference of ours is not one, and no reason to refuse an event. */
function asReference(text: string | null | undefined): string | null {
  const parsed = textOfNobody(255).safeParse(text);
  return parsed.success ? parsed.data : null;
}

function isOfAPayment({ session: ofASession, paymentIntent, reference }: Movement): boolean {
  return ofASession !== null || paymentIntent !== null || reference !== null;
}
