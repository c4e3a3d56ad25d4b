import { tenantModel, type Tenant } from '../../services/database/models.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import { valid } from '../../services/input.ts';
import { uniqueNames } from '../names.ts';
import { uniqueParts } from '../unique.ts';
import { factories } from './factories.ts';
import { fakeData } from './fake-data.ts';
import { Made } from './made.ts';
import { insert } from './tables.ts';

/** Two tenants: what one has, the other must not see. */
export interface Tenants {
  readonly a: Tenant;
  readonly b: Tenant;
  /** Deletes both. */
  readonly cleanup: () => Promise<void>;
}

export interface TenantsOptions {
  /** The test file: its name is part of the slugs, so that a row that was left says who left it. */
  readonly file: string;
  /** For the same tenants each time. */
  readonly seed?: number;
}

/**
 * Makes two tenants for a test file.
 *
 * @throws MayflyError what {@link Made.cleanup} throws, from `cleanup`.
 *
 * @example
 * ```ts
 * const { a, b } = await tenants(services.database, import.meta.filename);
 * ```
 */
export async function tenants(db: Queryable, options: string | TenantsOptions): Promise<Tenants> {
  const { file, seed }: TenantsOptions = typeof options === 'string' ? { file: options } : options;
  const { tenant } = factories(uniqueParts(seed), fakeData(seed));
  const names = uniqueNames(file, { ...(seed !== undefined && { seed }) });
  const make = (letter: string): Tenant =>
    valid(tenantModel, tenant.build({ slug: names.slug(letter) as Tenant['slug'] }), 'testkit');
  const a = make('a');
  const b = make('b');
  await insert(db, 'tenants', [a, b]);
  const made = new Made();
  made.add([{ table: 'tenants', ids: [a.id, b.id] }]);
  return { a, b, cleanup: () => made.cleanup(db) };
}
