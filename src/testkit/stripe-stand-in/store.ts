import { randomBytes } from 'node:crypto';
import type Stripe from 'stripe';
import { ApiError } from './api-error.ts';
import { newEvent, type Cause, type EventObjects, type EventType } from './payloads/event.ts';

type Kept = Stripe.Checkout.Session | Stripe.PaymentIntent | Stripe.Charge | Stripe.Refund;

/** Everything that the stand-in knows. What is changed here is announced by an event, as Stripe does. */
export class Store {
  readonly sessions: Map<string, Stripe.Checkout.Session> = new Map();
  readonly intents: Map<string, Stripe.PaymentIntent> = new Map();
  readonly charges: Map<string, Stripe.Charge> = new Map();
  readonly refunds: Map<string, Stripe.Refund> = new Map();
  readonly events: Map<string, Stripe.Event> = new Map();
  /** The request that is being answered, for the events that come of it. */
  cause: Cause = null;
  readonly #apiVersion: string;
  readonly #announce: (event: Stripe.Event) => void;

  constructor(apiVersion: string, announce: (event: Stripe.Event) => void) {
    this.#apiVersion = apiVersion;
    this.#announce = announce;
  }

  /** By the clock of this machine, in seconds. */
  now(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** An identifier that no other stand-in gives. */
  newId(prefix: string): string {
    return `${prefix}_${randomBytes(12).toString('hex')}`;
  }

  emit<Type extends EventType>(type: Type, object: EventObjects[Type]): void {
    const event = newEvent(type, object, {
      id: this.newId('evt'),
      created: this.now(),
      apiVersion: this.#apiVersion,
      cause: this.cause,
    });
    this.events.set(event.id, event);
    this.#announce(event);
  }

  /** Whatever has this identifier, for those who want it in place of the identifier. */
  find(id: string): Kept | undefined {
    return this.sessions.get(id) ?? this.intents.get(id) ?? this.charges.get(id) ?? this.refunds.get(id);
  }
}

/** @throws ApiError 404 `resource_missing`. */
export function get<Value>(kept: ReadonlyMap<string, Value>, kind: string, id: string): Value {
  const value = kept.get(id);
  if (value === undefined) {
    throw ApiError.missing(kind, id);
  }
  return value;
}
