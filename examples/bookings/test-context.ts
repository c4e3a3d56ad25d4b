import { uniqueNames } from 'mayfly/testkit';
import { expect, mayflyTest } from 'mayfly/vitest';
import { Bookings } from './bookings.ts';
import { Catalogue } from './catalogue.ts';
import { factories, twoTenants } from './factories.ts';
import definition from './mayfly.config.ts';
import { connect } from './schema.ts';
import { tenantCache } from './tenant-cache.ts';
import { webhookInboxes } from './webhook-sources.ts';

export { expect };

/** vitest's `test`, with two tenants that no other test has, and what the application is made of. */
export const test = mayflyTest(definition)
  .extend('names', ({ task }) => uniqueNames(task.file.filepath))
  .extend('db', ({ pg }) => connect(pg))
  .extend('cache', ({ redis }) => tenantCache(redis))
  .extend('tenants', ({ db, names }) => twoTenants(db, names))
  .extend('catalogue', ({ db, cache }) => new Catalogue(db, cache))
  .extend('bookings', ({ db }) => new Bookings(db))
  .extend('inboxes', ({ db }) => webhookInboxes(db))
  .extend('make', ({ bookings, catalogue, names }) => factories(catalogue, bookings, names));
