import type Stripe from 'stripe';
import { matches } from './lists.ts';

/** How long the application may take to answer a delivery, in milliseconds. */
const answerTimeout = 10_000;

/** Where events are delivered: an address, or the handler itself. */
export type Destination = string | URL | ((request: Request) => Promise<Response>);

/** An endpoint that was added. */
export interface Endpoint {
  readonly url: string;
  /** With which deliveries to it are signed. */
  readonly secret: string;
  /** The types of events that it is sent; a star at the end stands for all that begin so. */
  readonly events: readonly string[];
  readonly send: (request: Request, signal: AbortSignal) => Promise<Response>;
}

/** One attempt to deliver an event. */
export interface Attempt {
  readonly eventId: string;
  readonly type: string;
  readonly url: string;
  /** 1 for the first of a delivery, 2 for its first repetition. */
  readonly number: number;
  /** What was answered, or null where there was no answer. */
  readonly status: number | null;
  readonly body: string | null;
  /** Why there was no answer. */
  readonly error: string | null;
  readonly at: Date;
}

type Sign = (event: Stripe.Event, endpoint: Endpoint) => Promise<Request>;

/**
 * Deliveries in the order of the events, one after the other for all endpoints. One that fails is repeated at once, where
 * Stripe waits for hours and days (https://docs.stripe.com/webhooks#retries); each attempt has a signature of its own.
 */
export class Deliveries {
  readonly attempts: Attempt[] = [];
  readonly endpoints: Endpoint[] = [];
  readonly held: Stripe.Event[] = [];
  isHolding = false;
  readonly #sign: Sign;
  readonly #most: number;
  readonly #closing: AbortSignal;
  #queue: Promise<unknown> = Promise.resolve();

  /** `most` is how many attempts a delivery has; when `closing` is aborted there are no more. */
  constructor(sign: Sign, most: number, closing: AbortSignal) {
    this.#sign = sign;
    this.#closing = closing;
    this.#most = most;
  }

  announce(event: Stripe.Event): void {
    const { length } = this.#endpointsFor(event);
    Object.assign(event, { pending_webhooks: length } satisfies Partial<Stripe.Event>);
    if (this.isHolding) {
      this.held.push(event);
    } else {
      this.#enqueue(event);
    }
  }

  /** Delivers what was held, in the order given, and holds nothing any more. */
  release(events: readonly Stripe.Event[]): void {
    this.isHolding = false;
    this.held.length = 0;
    for (const event of events) {
      this.#enqueue(event);
    }
  }

  /** Returns when nothing is left to deliver. */
  async done(): Promise<void> {
    for (let queue: unknown; queue !== this.#queue;) {
      queue = this.#queue;
      await this.#queue;
    }
  }

  /** Delivers an event now, whatever was delivered before. */
  async deliver(event: Stripe.Event): Promise<readonly Attempt[]> {
    const all = await Promise.all(this.#endpointsFor(event).map((endpoint) => this.#deliverTo(endpoint, event)));
    return all.flat();
  }

  #enqueue(event: Stripe.Event): void {
    this.#queue = this.#queue.then(async () => this.deliver(event));
  }

  #endpointsFor({ type }: Stripe.Event): readonly Endpoint[] {
    return this.endpoints.filter(({ events }) => events.some((pattern) => matches(pattern, type)));
  }

  async #deliverTo(endpoint: Endpoint, event: Stripe.Event): Promise<readonly Attempt[]> {
    const made: Attempt[] = [];
    for (let number = 1; number <= this.#most && !this.#closing.aborted; number += 1) {
      const outcome = await this.#attempt(endpoint, event);
      const attempt = { eventId: event.id, type: event.type, url: endpoint.url, number, ...outcome, at: new Date() };
      made.push(attempt);
      this.attempts.push(attempt);
      if (outcome.status !== null && outcome.status >= 200 && outcome.status < 300) {
        event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
        break;
      }
    }
    return made;
  }

  async #attempt(endpoint: Endpoint, event: Stripe.Event): Promise<Pick<Attempt, 'status' | 'body' | 'error'>> {
    try {
      const signal = AbortSignal.any([this.#closing, AbortSignal.timeout(answerTimeout)]);
      const request = await this.#sign(event, endpoint);
      return await Promise.race([answered(endpoint.send(request, signal)), aborted(signal)]);
    } catch (error) {
      return { status: null, body: null, error: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The whole answer: one that was begun need not end. */
async function answered(response: Promise<Response>): Promise<Pick<Attempt, 'status' | 'body' | 'error'>> {
  const { status } = await response;
  return { status, body: await (await response).text(), error: null };
}

/** Rejects when nobody waits for the answer any longer: a handler need not know that it is to stop. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
  });
}
