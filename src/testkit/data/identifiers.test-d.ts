// The compiler is what runs these tests: nothing here is ever called.
import { expectTypeOf, test } from 'vitest';
import type { EventId, SubjectId, TenantId, TenantSlug, TicketId } from '../../services/database/identifiers.ts';
import { columns, tenantModel, type Tenant, type Ticket } from '../../services/database/models.ts';
import type { Cents } from '../../services/database/money.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import type { Testkit } from './testkit.ts';

declare const make: Testkit;
declare const db: Queryable;
declare const findTicket: (id: TicketId) => Promise<Ticket>;

test('a slug given where an identifier is due does not compile', async () => {
  const tenant = await make.tenant();

  expectTypeOf(tenant.id).toEqualTypeOf<TenantId>();
  void make.purchase({ tenantId: tenant.id });
  // @ts-expect-error -- the production bug of team B
  void make.purchase({ tenantId: tenant.slug });
  // @ts-expect-error -- nor where an event is made
  void make.event({ tenantId: tenant.slug });
  // @ts-expect-error -- nor the other way about
  void make.tenant({ slug: tenant.id });
});

test('nor does the identifier of something else', async () => {
  const { event, tickets, tenant, transaction } = await make.purchase();
  const [ticket] = tickets;

  expectTypeOf(ticket!.id).toEqualTypeOf<TicketId>();
  void findTicket(ticket!.id);
  // @ts-expect-error -- an event is no ticket
  void findTicket(event.id);
  // @ts-expect-error -- a tenant is no event
  void make.purchase({ eventId: tenant.id });
  // @ts-expect-error -- a person is no payment
  void make.purchase({ ticket: { transactionId: transaction.subjectId! } });
});

test('nor does text, nor a number where money is due', () => {
  // @ts-expect-error -- any text could be given
  void make.purchase({ tenantId: '0190163d-8694-739b-aea5-966c26f8ad91' });
  // @ts-expect-error -- cents or euros?
  void make.purchase({ ticket: { price: 49 } });
  void make.purchase({ ticket: { price: 4_900 as Cents } });
  expectTypeOf<number>().not.toExtend<Cents>();
});

test('identifiers keep their brands from the database to the test', async () => {
  const [found] = await db.select(tenantModel, `SELECT ${columns.tenants} FROM tenants`);

  expectTypeOf(found).toEqualTypeOf<Tenant | undefined>();
  expectTypeOf<Tenant['id']>().toEqualTypeOf<TenantId>();
  expectTypeOf<TenantSlug>().not.toExtend<TenantId>();
  expectTypeOf<EventId>().not.toExtend<TicketId>();
  expectTypeOf<SubjectId>().toExtend<string>();
});
