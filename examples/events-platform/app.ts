import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { Refusal } from './errors.ts';
import { eventDraft, eventFilter } from './event.ts';
import { answers, formDraft } from './forms.ts';
import { live } from './live.ts';
import type { Platform } from './platform.ts';

const eventQuery = eventFilter.extend({ limit: z.coerce.number().int().positive().max(1_000).optional() });

/** The platform behind URLs. */
export function eventsApp({ store, forms, feed, ping }: Platform): Hono {
  const app = new Hono();

  app.get('/health', async (context) =>
    ping().then(
      () => context.json({ status: 'ok' }),
      () => context.json({ status: 'unavailable' }, 503),
    ),
  );

  app.post('/events', async (context) => context.json(await store.publish(await bodyOf(context, eventDraft)), 201));

  app.get('/events', async (context) => {
    const { limit, ...filter } = valid(eventQuery, context.req.query());
    return context.json(await store.find(filter, limit));
  });

  app.post('/forms', async (context) => context.json(await forms.create(await bodyOf(context, formDraft)), 201));

  app.get('/forms/:id', async (context) => context.json(await forms.find(formIdOf(context))));

  app.post('/forms/:id/submissions', async (context) =>
    context.json(await forms.submit(formIdOf(context), await bodyOf(context, answers)), 201),
  );

  app.get('/live', live(feed));

  app.onError((error, context) =>
    error instanceof Refusal
      ? context.json({ code: error.code, message: error.message }, error.status)
      : context.json({ code: 'unexpected' }, 500),
  );
  return app;
}

function formIdOf(context: Context): string {
  const id = context.req.param('id');
  if (!z.uuid().safeParse(id).success) {
    throw new Refusal('unknown-form', `There is no form ${id}.`);
  }
  return id as string;
}

async function bodyOf<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  // What is no JSON is not what the schema wants either.
  const body = await context.req.json<unknown>().catch(() => undefined);
  return valid(schema, body);
}

function valid<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new Refusal('invalid', z.prettifyError(result.error));
  }
  return result.data;
}
