import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type Stripe from 'stripe';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { ApiError } from './api-error.ts';
import { Api } from './api.ts';
import { Deliveries, type Attempt, type Destination, type Endpoint } from './deliveries.ts';
import { testCards, type TestCard } from './payment-intents.ts';
import { serve, testDoubleHeader } from './server.ts';
import { Store } from './store.ts';

export interface StandInOptions {
  /** How often a delivery is attempted before it is given up; 3 where it is left out. */
  readonly attempts?: number;
}

export interface EndpointOptions {
  /** With which deliveries are signed; a new one where it is left out. */
  readonly secret?: string;
  /** All events where it is left out. */
  readonly events?: readonly string[];
}

/** What of a delivery is not as it should be, for tests of those who receive it. */
export interface Forgery {
  readonly secret?: string;
  readonly body?: string;
  /** When it was signed; now where it is left out. */
  readonly signedAt?: Date;
}

/**
 * A test double of the part of Stripe's API that takes payments: checkout sessions, payment intents, charges, refunds and
 * events. It keeps state, so that what was created can be retrieved, paid and refunded; and it sends signed webhooks. It is
 * not Stripe: nothing is charged, and what it does not have it refuses. Each of its answers says so in `x-test-double`.
 *
 * @example
 * ```ts
 * await using standIn = await StripeStandIn.start();
 * const stripe = new Stripe(standIn.apiKey, standIn.clientOptions);
 * const { secret } = standIn.addEndpoint('http://127.0.0.1:3000/webhooks/stripe');
 * const session = await stripe.checkout.sessions.create({ … });
 * await standIn.completeCheckout(session.id);
 * ```
 */
export class StripeStandIn implements AsyncDisposable {
  readonly apiKey: string = 'sk_test_stand_in';
  readonly host: string = '127.0.0.1';
  readonly #store: Store;
  readonly #api: Api;
  readonly #deliveries: Deliveries;
  readonly #library: typeof Stripe;
  readonly #closing: AbortController = new AbortController();
  #server: Server | undefined;
  #port = 0;

  private constructor(library: typeof Stripe, attempts: number) {
    this.#library = library;
    this.#deliveries = new Deliveries(
      (event, endpoint) => this.#request(event, endpoint, {}),
      attempts,
      this.#closing.signal,
    );
    this.#store = new Store(library.API_VERSION, (event) => this.#deliveries.announce(event));
    this.#api = new Api(this.#store, () => this.url);
  }

  /** Starts it on a free port. It needs the package `stripe`, whose version is that of the API. */
  static async start({ attempts = 3 }: StandInOptions = {}): Promise<StripeStandIn> {
    const { default: library } = await import('stripe');
    const standIn = new StripeStandIn(library, attempts);
    const { server, port } = await serve(standIn.#api, standIn.#store);
    standIn.#server = server;
    standIn.#port = port;
    return standIn;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://${this.host}:${this.#port}`;
  }

  /** With which the official library talks to it. */
  get clientOptions(): { host: string; port: number; protocol: 'http'; telemetry: false; maxNetworkRetries: 0 } {
    return { host: this.host, port: this.#port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 };
  }

  /** Every attempt to deliver, in the order in which they were made. */
  get attempts(): readonly Attempt[] {
    return this.#deliveries.attempts;
  }

  /** Every event, the first first. */
  get events(): readonly Stripe.Event[] {
    return [...this.#store.events.values()];
  }

  /** The events that wait to be released, the first first. */
  get held(): readonly Stripe.Event[] {
    return [...this.#deliveries.held];
  }

  /** From now on events are delivered there. */
  addEndpoint(destination: Destination, options: EndpointOptions = {}): Endpoint {
    const endpoint: Endpoint = {
      url: typeof destination === 'function' ? `${this.url}/handler` : String(destination),
      secret: options.secret ?? `whsec_${randomBytes(16).toString('hex')}`,
      events: options.events ?? ['*'],
      send: typeof destination === 'function' ? destination : (request, signal) => fetch(request, { signal }),
    };
    this.#deliveries.endpoints.push(endpoint);
    return endpoint;
  }

  /**
   * What a customer does on the page of a session: pays. Returns when the events have been delivered, or are held.
   *
   * @throws MayflyError `MAYFLY_STATE_REFUSED` where the session is not open; `MAYFLY_RECORD_NOT_FOUND` without it.
   */
  async completeCheckout(
    id: string,
    { email = null }: { email?: string | null } = {},
  ): Promise<Stripe.Checkout.Session> {
    return this.#act(() => structuredClone(this.#api.sessions.submit(id, testCards[0], email)));
  }

  /**
   * What a customer does whose card is declined: the session stays open, and its payment intent says why. Returns it when
   * the events have been delivered, or are held.
   *
   * @throws MayflyError as {@link completeCheckout}.
   */
  async failCheckout(id: string): Promise<Stripe.PaymentIntent> {
    return this.#act(() => {
      try {
        this.#api.sessions.submit(id, 'pm_card_visa_chargeDeclined' satisfies TestCard, null);
      } catch (error) {
        if (error instanceof ApiError && error.body.payment_intent !== undefined) {
          return error.body.payment_intent;
        }
        throw error;
      }
      throw ApiError.invalid('Nothing is to be paid in this session.');
    });
  }

  /** From now on events are kept back, until {@link release}. */
  hold(): void {
    this.#deliveries.isHolding = true;
  }

  /** Delivers what was held: as it happened, in reverse, or in an order of one's own, which may leave some out. */
  async release(order: 'as-it-happened' | 'reversed' | readonly Stripe.Event[] = 'as-it-happened'): Promise<void> {
    const { held } = this;
    const inOrder = order === 'as-it-happened' ? held : order === 'reversed' ? held.toReversed() : order;
    this.#deliveries.release(inOrder);
    await this.delivered();
  }

  /** Delivers an event again, several times at once: Stripe may deliver any of them more than once. */
  async redeliver(eventId: string, times = 1): Promise<readonly Attempt[]> {
    const event = this.#event(eventId);
    const attempts = await Promise.all(Array.from({ length: times }, () => this.#deliveries.deliver(event)));
    return attempts.flat();
  }

  /** Returns when everything that is not held has been delivered, or given up. */
  async delivered(): Promise<void> {
    await this.#deliveries.done();
  }

  /** The request by which an event is delivered to an endpoint; with a forgery, one that must be refused there. */
  async signedRequest(eventId: string, endpoint: Endpoint, forgery: Forgery = {}): Promise<Request> {
    return this.#request(this.#event(eventId), endpoint, forgery);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      const closed = once(server, 'close');
      server.close();
      // The official library keeps its connections.
      server.closeAllConnections();
      await closed;
    }
    await this.delivered();
  }

  async #request(event: Stripe.Event, { url, secret }: Endpoint, forgery: Forgery): Promise<Request> {
    const payload = JSON.stringify(event, null, 2);
    const signature = await this.#library.webhooks.generateTestHeaderStringAsync({
      payload,
      secret: forgery.secret ?? secret,
      timestamp: Math.floor((forgery.signedAt ?? new Date()).getTime() / 1000),
    });
    return new Request(url, {
      method: 'POST',
      headers: {
        ...testDoubleHeader,
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signature,
        'user-agent': 'Mayfly stand-in for Stripe/1.0',
      },
      body: forgery.body ?? payload,
      redirect: 'manual',
    });
  }

  #event(id: string): Stripe.Event {
    const event = this.#store.events.get(id);
    if (event === undefined) {
      throw refused('MAYFLY_RECORD_NOT_FOUND', `There is no event \`${id}\``, 'Take one of `events`.');
    }
    return event;
  }

  async #act<Result>(act: () => Result): Promise<Result> {
    try {
      return act();
    } catch (error) {
      if (error instanceof ApiError) {
        const code = error.status === 404 ? 'MAYFLY_RECORD_NOT_FOUND' : 'MAYFLY_STATE_REFUSED';
        throw refused(code, error.message, 'Create a session through the API first, and complete it once.');
      }
      throw error;
    } finally {
      await this.delivered();
    }
  }
}

function refused(
  code: 'MAYFLY_RECORD_NOT_FOUND' | 'MAYFLY_STATE_REFUSED',
  reason: string,
  remedy: string,
): MayflyError {
  return new MayflyError(code, {
    message: `The stand-in for Stripe refuses: ${reason.replace(/\.$/, '')}.`,
    remedy,
    service: 'stripe-stand-in',
    phase: 'run',
  });
}
