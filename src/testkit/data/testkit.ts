import { MayflyError } from '../../errors/mayfly-error.ts';
import { columns, eventModel, tenantModel, type Tenant, type TicketedEvent } from '../../services/database/models.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import { valid } from '../../services/input.ts';
import { uniqueParts } from '../unique.ts';
import { factories, type Factories } from './factories.ts';
import { fakeData } from './fake-data.ts';
import { Made } from './made.ts';
import { buildPurchase, madeOf, rowsOf, type Existing, type PurchaseGraph, type PurchaseOptions } from './purchase.ts';
import { insert } from './tables.ts';
import { trailOf, type AuditTrail } from './trail.ts';

/** The services that the factories write through: those of a lease. */
export interface TestkitServices {
  readonly database: Queryable;
  /** Where there is none, purchases have no trail. */
  readonly audit?: AuditTrail;
}

export interface TestkitOptions {
  /** For the same data each time, times and identifiers included. Without one nothing is ever made twice. */
  readonly seed?: number;
}

/** A purchase that was written, and how it is taken away. */
export interface Purchase extends PurchaseGraph {
  /** Deletes what was made for this purchase, what was made last first. Called again it does nothing. */
  readonly cleanup: () => Promise<void>;
}

/** Makes what tests are about, in the database of a lease. */
export class Testkit {
  /** Records as the models have them, of which nothing is written. */
  readonly build: Factories;
  readonly #services: TestkitServices;
  readonly #made = new Made();

  constructor(services: TestkitServices, { seed }: TestkitOptions = {}) {
    this.#services = services;
    this.build = factories(uniqueParts(seed), fakeData(seed));
  }

  /**
   * @throws MayflyError `MAYFLY_INPUT_INVALID` for a field that the model or its column does not allow,
   *   `MAYFLY_STATE_REFUSED` where there is one like it already; nothing was written.
   */
  async tenant(fields: Partial<Tenant> = {}): Promise<Tenant> {
    const tenant = valid(tenantModel, this.build.tenant.build(fields), 'testkit');
    await insert(this.#services.database, 'tenants', [tenant]);
    this.#made.add([{ table: 'tenants', ids: [tenant.id] }]);
    return tenant;
  }

  /**
   * With a tenant of its own, unless `tenantId` is given.
   *
   * @throws MayflyError as {@link tenant} does, and `MAYFLY_RECORD_NOT_FOUND` where there is no such tenant.
   */
  async event(fields: Partial<TicketedEvent> = {}): Promise<TicketedEvent> {
    const tenant = fields.tenantId === undefined ? this.build.tenant.build() : undefined;
    const owned = { ...fields, tenantId: fields.tenantId ?? tenant?.id };
    const event = valid(eventModel, this.build.event.build(owned as Partial<TicketedEvent>), 'testkit');
    await this.#services.database.transaction(async (tx) => {
      await insert(tx, 'tenants', tenant === undefined ? [] : [tenant]);
      await insert(tx, 'events', [event]);
    });
    this.#made.add([
      { table: 'tenants', ids: tenant === undefined ? [] : [tenant.id] },
      { table: 'events', ids: [event.id] },
    ]);
    return event;
  }

  /**
   * Makes a whole purchase in one transaction: tenant and event where none is named, the payment, its tickets, who comes
   * with each, and the audit trail that the platform would have left.
   *
   * @throws MayflyError as {@link event} does, or what the audit log refuses. Nothing was written then.
   *
   * @example
   * ```ts
   * const { transaction, tickets } = await make.purchase({ tickets: 3, ticket: { price: 4_900 as Cents } });
   * ```
   */
  async purchase(options: PurchaseOptions = {}): Promise<Purchase> {
    const { database, audit } = this.#services;
    const existing = await this.#find(options);
    const graph = buildPurchase(this.build, options, existing);
    const rows = rowsOf(graph, existing);
    await database.transaction(async (tx) => {
      await insert(tx, 'tenants', rows.tenants);
      await insert(tx, 'events', rows.events);
      await insert(tx, 'transactions', rows.transactions);
      await insert(tx, 'tickets', rows.tickets);
      await insert(tx, 'registrations', rows.registrations);
      await audit?.within(tx).recordAll(trailOf(graph, options.reconciled ?? true));
    });
    const made = new Made();
    made.add(madeOf(rows));
    this.#made.add(madeOf(rows));
    return { ...graph, cleanup: () => made.cleanup(database) };
  }

  /**
   * Deletes everything that was made through this object, in reverse; what is gone already is no failure. Entries of the
   * audit log cannot be deleted, and stay.
   *
   * @throws MayflyError `MAYFLY_STATE_REFUSED` where rows of others refer to what was to be deleted; nothing was deleted.
   */
  async cleanup(): Promise<void> {
    await this.#made.cleanup(this.#services.database);
  }

  async #find({ tenantId, eventId, tenant, event }: PurchaseOptions): Promise<Existing> {
    refuseBoth('tenant', tenantId, tenant);
    refuseBoth('event', eventId, event);
    const { database } = this.#services;
    const [existingEvent] =
      eventId === undefined
        ? []
        : await database.select(eventModel, `SELECT ${columns.events} FROM events WHERE id = $1`, [eventId]);
    if (eventId !== undefined && existingEvent === undefined) {
      throw missing('event', eventId);
    }
    const id = tenantId ?? existingEvent?.tenantId;
    const [existingTenant] =
      id === undefined
        ? []
        : await database.select(tenantModel, `SELECT ${columns.tenants} FROM tenants WHERE id = $1`, [id]);
    if (id !== undefined && existingTenant === undefined) {
      throw missing('tenant', id);
    }
    return {
      ...(existingTenant !== undefined && { tenant: existingTenant }),
      ...(existingEvent !== undefined && { event: existingEvent }),
    };
  }
}

/** Makes what tests are about, in the database of a lease: `testkit(lease.services)`. */
export function testkit(services: TestkitServices, options?: TestkitOptions): Testkit {
  return new Testkit(services, options);
}

function missing(kind: 'tenant' | 'event', id: string): MayflyError {
  return new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
    message: `There is no ${kind} ${id}.`,
    remedy: `Make it first, or leave \`${kind}Id\` out.`,
    service: 'testkit',
    phase: 'run',
  });
}

function refuseBoth(kind: 'tenant' | 'event', id: unknown, fields: unknown): void {
  if (id !== undefined && fields !== undefined) {
    throw new MayflyError('MAYFLY_INPUT_INVALID', {
      message: `\`${kind}\` is not valid beside \`${kind}Id\`: what exists is not changed.`,
      remedy: `Leave one of the two out; nothing was written.`,
      service: 'testkit',
      phase: 'run',
    });
  }
}
