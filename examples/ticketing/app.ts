import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isMayflyError } from 'mayfly';
import { newId, type Cents, type EventId, type SubjectId } from 'mayfly/services';
import type Stripe from 'stripe';
import { issueTickets, type Guest } from './issue-tickets.ts';
import type { Platform } from './platform.ts';

export const price = 4_900 as Cents;

const statuses: Readonly<Record<string, ContentfulStatusCode>> = {
  MAYFLY_INPUT_INVALID: 400,
  MAYFLY_PASS_REFUSED: 403,
  MAYFLY_RECORD_NOT_FOUND: 404,
  MAYFLY_STATE_REFUSED: 409,
};

interface Order {
  readonly eventId: EventId;
  readonly quantity: number;
  readonly email: string;
  readonly subjectId: SubjectId;
}

/** The application: it sells tickets, hands out passes for them, and lets in who has one. */
export function ticketing(platform: Platform, payments: Stripe, webhookSecret: string) {
  const { financial, stripe, wallet } = platform;
  const app = new Hono();

  app.post('/orders', async (context) => {
    const { eventId, quantity, email, subjectId } = await context.req.json<Order>();
    const event = await platform.findEvent(eventId);
    const reference = `ORDER-${newId()}`;
    const session = await payments.checkout.sessions.create({
      mode: 'payment',
      client_reference_id: reference,
      metadata: { reference, eventId, quantity },
      line_items: [
        { quantity, price_data: { currency: 'eur', unit_amount: price, product_data: { name: event.name } } },
      ],
      success_url: 'https://tickets.example.org/thanks',
    });
    const amount = (price * quantity) as Cents;
    await financial.create({
      tenantId: event.tenantId,
      reference,
      stripeSession: session.id,
      amount,
      email,
      subjectId,
    });
    return context.json({ reference, session: session.id }, 201);
  });

  app.post('/orders/:reference/tickets', async (context) => {
    const guests = await context.req.json<Guest[]>();
    return context.json(await issueTickets(platform, payments, context.req.param('reference'), guests), 201);
  });

  app.post('/admissions', async (context) => {
    const { token, eventId } = await context.req.json<{ token: string; eventId: EventId }>();
    const { ticketId } = await wallet.redeem(token, { eventId });
    return context.json({ ticketId });
  });

  const deliver = stripe.webhook({ secret: webhookSecret, uniqueness: 'global' });
  app.post('/webhooks/stripe', (context) => deliver(context.req.raw));

  app.onError((error, context) => {
    const code = isMayflyError(error) ? error.code : 'UNEXPECTED';
    return context.json({ code, message: error.message }, statuses[code] ?? 500);
  });
  return app;
}
