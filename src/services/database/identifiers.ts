import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/**
 * Text with a brand: to the compiler the identifier of one thing is not that of another, nor is a slug an identifier.
 * Identifiers are what a `uuid` column takes, which asks for no version.
 */
type Branded<Brand extends string> = z.core.$ZodBranded<z.ZodString | z.ZodGUID, Brand>;

export const tenantId: Branded<'TenantId'> = z.guid().brand<'TenantId'>();
export type TenantId = z.infer<typeof tenantId>;

export const eventId: Branded<'EventId'> = z.guid().brand<'EventId'>();
export type EventId = z.infer<typeof eventId>;

export const transactionId: Branded<'TransactionId'> = z.guid().brand<'TransactionId'>();
export type TransactionId = z.infer<typeof transactionId>;

export const ticketId: Branded<'TicketId'> = z.guid().brand<'TicketId'>();
export type TicketId = z.infer<typeof ticketId>;

export const registrationId: Branded<'RegistrationId'> = z.guid().brand<'RegistrationId'>();
export type RegistrationId = z.infer<typeof registrationId>;

/** Of a person, in place of a name: what is known of the person hangs on it. */
export const subjectId: Branded<'SubjectId'> = z.guid().brand<'SubjectId'>();
export type SubjectId = z.infer<typeof subjectId>;

/** By which a tenant stands in URLs. */
export const tenantSlug: Branded<'TenantSlug'> = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case letters and digits, with single dashes between them')
  .max(63)
  .brand<'TenantSlug'>();
export type TenantSlug = z.infer<typeof tenantSlug>;

/** A new identifier of any kind: the type that is asked for says which. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- all kinds are made alike; only the type differs
export function newId<Id extends string>(): Id {
  return randomUUID() as string as Id;
}
