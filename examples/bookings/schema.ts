import { CamelCasePlugin, Kysely, PostgresDialect, type ColumnType, type Generated, type PostgresPool } from 'kysely';
import type { BookingId, Cents, EventId, Sku, TenantId, TenantSlug } from './identifiers.ts';
import type { Period } from './period.ts';

export type Season = 'low' | 'high';
export type Uniqueness = 'tenant' | 'global';

/** The tables, with identifiers by their kind: `where('tenantId', '=', slug)` does not compile. */
export interface Schema {
  readonly tenant: { id: Generated<TenantId>; slug: TenantSlug; name: string };
  readonly item: { tenantId: TenantId; sku: Sku; name: string };
  readonly rate: { tenantId: TenantId; sku: Sku; season: Season; cents: Cents };
  readonly booking: {
    tenantId: TenantId;
    id: Generated<BookingId>;
    sku: Sku;
    period: Period;
    guest: string;
    paidCents: Generated<number>;
    cancelledAt: ColumnType<Date | null, never, Date>;
  };
  readonly webhookEvent: {
    id: Generated<string>;
    tenantId: TenantId;
    source: string;
    uniqueness: Uniqueness;
    eventId: EventId;
    payload: ColumnType<unknown, string, never>;
  };
}

export type Db = Kysely<Schema>;

export function connect(pool: PostgresPool): Db {
  return new Kysely({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
}
