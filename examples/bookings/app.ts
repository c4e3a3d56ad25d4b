import { Hono } from 'hono';
import { Bookings } from './bookings.ts';
import type { Catalogue } from './catalogue.ts';
import { Refusal } from './errors.ts';
import { bookingId, cents, eventId, guestName, sku, tenantSlug } from './identifiers.ts';
import { recordPayment } from './payments.ts';
import { period } from './period.ts';
import type { Db } from './schema.ts';
import { findTenant, type Tenant } from './tenants.ts';
import { webhookInboxes } from './webhook-sources.ts';

type Body = Readonly<Record<string, unknown>>;

/** URLs name a tenant by its slug; everything behind them goes by its identifier. */
export function bookingApp(db: Db, catalogue: Catalogue): Hono<{ Variables: { tenant: Tenant } }> {
  const bookings = new Bookings(db);
  const { payments } = webhookInboxes(db);
  const app = new Hono<{ Variables: { tenant: Tenant } }>();

  app.use('/:slug/*', async (context, next) => {
    context.set('tenant', await findTenant(db, tenantSlug(context.req.param('slug'))));
    await next();
  });

  app.get('/:slug/items/:sku', async (context) =>
    context.json(await catalogue.find(context.var.tenant.id, sku(context.req.param('sku')))),
  );

  app.post('/:slug/bookings', async (context) => {
    const body = await context.req.json<Body>();
    const booking = await bookings.book(context.var.tenant.id, {
      sku: sku(body.sku),
      period: period(body.arrival, body.departure),
      guest: guestName(body.guest),
    });
    return context.json({ id: booking.id, sku: booking.sku, period: booking.period }, 201);
  });

  // A real one looks at the signature first: examples/ticketing does.
  app.post('/:slug/webhooks/payments', async (context) => {
    const body = await context.req.json<Body>();
    const { id: tenantId } = context.var.tenant;
    const payment = { bookingId: bookingId(body.booking), cents: cents(body.cents) };
    const outcome = await payments.receive(tenantId, { id: eventId(body.id), payload: body }, async (tx) =>
      recordPayment(tx, tenantId, payment),
    );
    return context.json({ outcome });
  });

  app.onError((error, context) =>
    error instanceof Refusal
      ? context.json({ code: error.code, message: error.message }, error.status)
      : context.json({ code: 'unexpected' }, 500),
  );
  return app;
}
