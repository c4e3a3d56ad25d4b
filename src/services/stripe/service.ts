import { readFile } from 'node:fs/promises';
import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { audit } from '../audit/service.ts';
import { database } from '../database/service.ts';
import { financial } from '../financial/service.ts';
import { StripePayments } from './stripe-payments.ts';

const schema = new URL('schema.sql', import.meta.url);

/** Stripe's webhooks. It needs the package `stripe`, which is not installed with this one. */
export const stripe: Service<'stripe', StripePayments, undefined, 'lease'> = defineService({
  name: 'stripe',
  dependsOn: { database, audit, financial },
  inputs: [schema],
  prepare: async ({ database: db }) => {
    await db.query(await readFile(schema, 'utf8'));
  },
  start: async ({ database: db, audit: log, financial: payments }) => {
    // Where it is missing the start says so, rather than the first delivery.
    await import('stripe');
    return new StripePayments({ db, audit: log, financial: payments });
  },
});
