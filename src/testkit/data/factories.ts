import { Factory } from 'fishery';
import {
  eventId,
  registrationId,
  subjectId,
  tenantId,
  ticketId,
  transactionId,
} from '../../services/database/identifiers.ts';
import type {
  PaymentTransaction,
  Registration,
  Tenant,
  Ticket,
  TicketedEvent,
} from '../../services/database/models.ts';
import type { Cents, Currency } from '../../services/database/money.ts';
import type { Unique } from '../unique.ts';
import type { FakeData } from './fake-data.ts';

/** A factory of fishery's whose overrides are fields of the model. */
type ModelFactory<Model> = Factory<Model, never, Model, Partial<Model>>;

/** Records as the models have them, each unlike all others. Nothing is written. */
export interface Factories {
  readonly tenant: ModelFactory<Tenant>;
  /** Of a tenant that does not exist, unless `tenantId` is given. */
  readonly event: ModelFactory<TicketedEvent>;
  /** A payment that is completed, unless `status` is given. */
  readonly transaction: ModelFactory<PaymentTransaction>;
  readonly ticket: ModelFactory<Ticket>;
  readonly registration: ModelFactory<Registration>;
}

const diets = ['none', 'vegetarian', 'vegan', 'gluten-free', 'halal', 'kosher'] as const;

/** Addresses are under example.org, where nobody has a mailbox (RFC 2606). */
export function factories(unique: Unique, { faker, now }: FakeData): Factories {
  const email = (): string => `guest-${unique.suffix()}@example.org`;
  const price = (): Cents => (faker.number.int({ min: 10, max: 200 }) * 100) as Cents;
  return {
    tenant: define<Tenant>(() => ({
      id: unique.id(tenantId),
      slug: `tenant-${unique.suffix()}` as Tenant['slug'],
      name: faker.company.name(),
    })),
    event: define<TicketedEvent>(() => ({
      id: unique.id(eventId),
      tenantId: unique.id(tenantId),
      name: `${faker.music.genre()} at ${faker.location.city()}`,
      startsAt: faker.date.future(),
      capacity: faker.number.int({ min: 50, max: 500 }),
    })),
    transaction: define<PaymentTransaction>((given) => {
      const { status = 'completed', amount = price(), createdAt = now() } = given;
      const suffix = unique.suffix();
      const isPaid = status === 'completed' || status === 'refunded';
      return {
        id: unique.id(transactionId),
        tenantId: unique.id(tenantId),
        reference: `TX-${suffix}`,
        stripeSession: `cs_test_${suffix}`,
        paymentIntent: `pi_test_${suffix}`,
        amount,
        fees: Math.round(amount * 0.03) as Cents,
        refunded: (status === 'refunded' ? amount : 0) as Cents,
        currency: 'EUR' as Currency,
        status,
        subjectId: unique.id(subjectId),
        email: email(),
        createdAt,
        completedAt: isPaid ? createdAt : null,
      };
    }),
    ticket: define<Ticket>(() => ({
      id: unique.id(ticketId),
      eventId: unique.id(eventId),
      transactionId: unique.id(transactionId),
      number: `T-${unique.suffix()}`,
      status: 'issued',
      price: price(),
    })),
    registration: define<Registration>(() => ({
      id: unique.id(registrationId),
      ticketId: unique.id(ticketId),
      subjectId: unique.id(subjectId),
      name: faker.person.fullName(),
      email: email(),
      dietaryRestrictions: faker.helpers.arrayElement(diets),
      registeredAt: now(),
    })),
  };
}

function define<Model>(generate: (given: Partial<Model>) => Model): ModelFactory<Model> {
  return Factory.define<Model, never, Model, Partial<Model>>(({ params }) => ({
    ...generate(params),
    // By themselves they would be merged into what was generated, and a Date is nothing that can be merged with.
    ...params,
  }));
}
