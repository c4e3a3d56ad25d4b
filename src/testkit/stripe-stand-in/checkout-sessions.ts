import type Stripe from 'stripe';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Form } from './form.ts';
import { currency, listOf, metadata, parameters, text, whole } from './parameters.ts';
import { newCheckoutSession } from './payloads/checkout-session.ts';
import { addIntent, cancelIntent, pay, type TestCard } from './payment-intents.ts';
import { get, type Store } from './store.ts';

const day = 24 * 60 * 60;

const lineItem = z.strictObject({
  quantity: whole,
  price_data: z.strictObject({
    currency,
    unit_amount: whole,
    product_data: z.strictObject({ name: text, description: text.optional(), metadata: metadata.optional() }),
  }),
});
const creation = z.strictObject({
  mode: z.literal('payment', 'the stand-in has only payment'),
  line_items: listOf(lineItem),
  success_url: text,
  cancel_url: text.optional(),
  client_reference_id: z.string().min(1).max(200).optional(),
  customer_email: text.optional(),
  expires_at: whole.optional(),
  metadata: metadata.optional(),
  payment_intent_data: z
    .strictObject({
      capture_method: z.enum(['automatic', 'automatic_async', 'manual']).optional(),
      description: text.optional(),
      metadata: metadata.optional(),
      receipt_email: text.optional(),
    })
    .optional(),
  payment_method_types: listOf(text).optional(),
});
const nothing = z.strictObject({});

type IntentData = z.output<typeof creation>['payment_intent_data'];

/** Checkout sessions, with what their payment intents are to be like. */
export class CheckoutSessions {
  readonly #store: Store;
  readonly #url: () => string;
  readonly #intentData: Map<string, IntentData> = new Map();

  constructor(store: Store, url: () => string) {
    this.#store = store;
    this.#url = url;
  }

  create(form: Form): Stripe.Checkout.Session {
    const wanted = parameters(creation, form);
    const [first] = wanted.line_items;
    if (first === undefined) {
      throw ApiError.invalid('Missing required param: line_items.', { code: 'parameter_missing', param: 'line_items' });
    }
    if (wanted.line_items.some(({ price_data: price }) => price.currency !== first.price_data.currency)) {
      throw ApiError.invalid('All line items must have the same currency.', { param: 'line_items' });
    }
    const now = this.#store.now();
    const id = this.#store.newId('cs_test');
    const session = newCheckoutSession({
      id,
      amount: wanted.line_items.reduce((sum, item) => sum + item.quantity * item.price_data.unit_amount, 0),
      currency: first.price_data.currency,
      created: now,
      expiresAt: wanted.expires_at ?? now + day,
      cancelUrl: wanted.cancel_url ?? null,
      clientReferenceId: wanted.client_reference_id ?? null,
      customerEmail: wanted.customer_email ?? null,
      metadata: wanted.metadata ?? {},
      successUrl: wanted.success_url,
      // Nothing is shown there: a test completes the session itself.
      url: `${this.#url()}/checkout/${id}`,
    });
    this.#store.sessions.set(id, session);
    this.#intentData.set(id, wanted.payment_intent_data);
    return session;
  }

  expire(id: string, form: Form): Stripe.Checkout.Session {
    parameters(nothing, form);
    const session = this.#open(id, 'expired');
    if (typeof session.payment_intent === 'string') {
      cancelIntent(this.#store, session.payment_intent, { cancellation_reason: 'abandoned' });
    }
    Object.assign(session, { status: 'expired', url: null } satisfies Partial<Stripe.Checkout.Session>);
    this.#store.emit('checkout.session.expired', session);
    return session;
  }

  /**
   * What a customer does on Stripe's page: pays, or tries to.
   *
   * @throws ApiError 402 where the card is declined: the session stays open then.
   */
  submit(id: string, card: TestCard, email: string | null): Stripe.Checkout.Session {
    const session = this.#open(id, 'completed');
    if (session.amount_total === 0) {
      return this.#complete(session, 'no_payment_required', email);
    }
    const intent = this.#intentOf(session, email);
    session.payment_intent = intent.id;
    const { status } = pay(this.#store, intent, card);
    return this.#complete(session, status === 'succeeded' ? 'paid' : 'unpaid', email);
  }

  #complete(
    session: Stripe.Checkout.Session,
    paid: Stripe.Checkout.Session.PaymentStatus,
    email: string | null,
  ): Stripe.Checkout.Session {
    const details = { address: null, business_name: null, individual_name: null, name: null, phone: null };
    Object.assign(session, {
      customer_details: { ...details, email: email ?? session.customer_email, tax_exempt: 'none', tax_ids: [] },
      payment_status: paid,
      status: 'complete',
      url: null,
    } satisfies Partial<Stripe.Checkout.Session>);
    this.#store.emit('checkout.session.completed', session);
    return session;
  }

  #intentOf(session: Stripe.Checkout.Session, email: string | null): Stripe.PaymentIntent {
    if (typeof session.payment_intent === 'string') {
      return get(this.#store.intents, 'payment_intent', session.payment_intent);
    }
    const data = this.#intentData.get(session.id);
    return addIntent(this.#store, {
      amount: session.amount_total ?? 0,
      currency: session.currency ?? '',
      captureMethod: data?.capture_method ?? 'automatic_async',
      description: data?.description ?? null,
      metadata: { ...data?.metadata },
      receiptEmail: data?.receipt_email ?? email,
    });
  }

  #open(id: string, become: string): Stripe.Checkout.Session {
    const session = get(this.#store.sessions, 'checkout.session', id);
    if (session.status !== 'open') {
      throw ApiError.invalid(`This Session is ${session.status} and cannot be ${become}.`);
    }
    return session;
  }
}
