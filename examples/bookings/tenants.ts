import { Refusal } from './errors.ts';
import type { TenantId, TenantSlug } from './identifiers.ts';
import type { Db } from './schema.ts';

export interface Tenant {
  readonly id: TenantId;
  readonly slug: TenantSlug;
}

export async function createTenant(db: Db, slug: TenantSlug): Promise<Tenant> {
  return db.insertInto('tenant').values({ slug, name: slug }).returning(['id', 'slug']).executeTakeFirstOrThrow();
}

/** The one way from a slug to an identifier. */
export async function findTenant(db: Db, slug: TenantSlug): Promise<Tenant> {
  const tenant = await db.selectFrom('tenant').select(['id', 'slug']).where('slug', '=', slug).executeTakeFirst();
  if (tenant === undefined) {
    throw new Refusal('unknown-tenant', `Nobody is called ${slug}.`);
  }
  return tenant;
}
