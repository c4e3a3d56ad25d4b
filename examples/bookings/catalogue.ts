import { Refusal, violates } from './errors.ts';
import type { Cents, Sku, TenantId } from './identifiers.ts';
import type { Db, Season } from './schema.ts';
import type { TenantCache } from './tenant-cache.ts';

export interface Item {
  readonly sku: Sku;
  readonly name: string;
  readonly rates: Readonly<Partial<Record<Season, Cents>>>;
}

/** What a tenant offers, known by tenant and SKU together. Read through the cache. */
export class Catalogue {
  readonly #db: Db;
  readonly #cache: TenantCache;

  constructor(db: Db, cache: TenantCache) {
    this.#db = db;
    this.#cache = cache;
  }

  async add(tenantId: TenantId, { sku, name, rates }: Item): Promise<Item> {
    const added = this.#db.transaction().execute(async (tx) => {
      await tx.insertInto('item').values({ tenantId, sku, name }).execute();
      for (const [season, cents] of Object.entries(rates)) {
        await tx
          .insertInto('rate')
          .values({ tenantId, sku, season: season as Season, cents })
          .execute();
      }
    });
    await added.catch((error: unknown) => {
      throw violates(error, 'item_pkey') ? new Refusal('already-offered', `There is a ${sku} already.`) : error;
    });
    await this.#cache.forget(tenantId);
    return { sku, name, rates };
  }

  async find(tenantId: TenantId, sku: Sku): Promise<Item> {
    return this.#cache.remember(tenantId, `item:${sku}`, async () => this.#load(tenantId, sku));
  }

  /** The price of a season, whether there was one before or not. */
  async setRate(tenantId: TenantId, sku: Sku, season: Season, cents: Cents): Promise<void> {
    await this.#db
      .insertInto('rate')
      .values({ tenantId, sku, season, cents })
      .onConflict((conflict) => conflict.columns(['tenantId', 'sku', 'season']).doUpdateSet({ cents }))
      .execute();
    await this.#cache.forget(tenantId);
  }

  async #load(tenantId: TenantId, sku: Sku): Promise<Item> {
    const rows = await this.#db
      .selectFrom('item')
      .leftJoin('rate', (join) => join.onRef('rate.tenantId', '=', 'item.tenantId').onRef('rate.sku', '=', 'item.sku'))
      .select(['item.name', 'rate.season', 'rate.cents'])
      .where('item.tenantId', '=', tenantId)
      .where('item.sku', '=', sku)
      .execute();
    const [first] = rows;
    if (first === undefined) {
      throw new Refusal('unknown-item', `There is no ${sku}.`);
    }
    const rates = rows.flatMap(({ season, cents }) => (season === null ? [] : [[season, cents]]));
    return { sku, name: first.name, rates: Object.fromEntries(rates) as Item['rates'] };
  }
}
