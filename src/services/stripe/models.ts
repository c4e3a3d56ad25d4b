import { z } from 'zod';
import { tenantId, type TenantId } from '../database/identifiers.ts';
import { storableText, storableTime } from '../database/storable.ts';
import { referenceModel } from '../financial/models.ts';
import { movementModel, type Movement } from './movement.ts';

export const inboxStates = ['parked', 'processed', 'refused', 'ignored'] as const;

/**
 * What became of an event: `processed`; `parked` until what it needs has come; `refused`, since it contradicts what is
 * known of the payment; or `ignored`, since it moves no payment.
 */
export type InboxState = (typeof inboxStates)[number];

/** An event as the inbox has it. */
export interface InboxEntry {
  readonly scope: string;
  readonly eventId: string;
  readonly tenantId: TenantId | null;
  readonly type: string;
  readonly createdAt: Date;
  readonly receivedAt: Date;
  readonly movement: Movement | null;
  readonly state: InboxState;
  /** Why it is parked or refused. */
  readonly reason: string | null;
  /** Of the transaction that it is about, where that is known. */
  readonly reference: string | null;
}

export const inboxModel: z.ZodType<InboxEntry> = z.object({
  scope: z.string(),
  eventId: z.string(),
  tenantId: tenantId.nullable(),
  type: z.string(),
  createdAt: z.date(),
  receivedAt: z.date(),
  movement: movementModel.nullable(),
  state: z.enum(inboxStates),
  reason: z.string().nullable(),
  reference: z.string().nullable(),
});

/** Within what an event's id is unique, and whose payments it may move. */
export type ReceiveOptions =
  /** An id counts once, whoever's endpoint it comes to. With a tenant it can move only that tenant's payments. */
  | { readonly uniqueness: 'global'; readonly tenant?: TenantId }
  /** An id counts once for each tenant: of two that were sent the same event, each processes it. */
  | { readonly uniqueness: 'tenant'; readonly tenant: TenantId };

export const receiveOptions: z.ZodType<ReceiveOptions> = z.discriminatedUnion('uniqueness', [
  z.strictObject({ uniqueness: z.literal('global'), tenant: tenantId.exactOptional() }),
  z.strictObject({ uniqueness: z.literal('tenant'), tenant: tenantId }),
]);

/** What became of one delivery of an event. */
export interface Receipt {
  readonly eventId: string;
  /** Whether the event had been received before; then nothing was done, and the rest says what was done then. */
  readonly duplicate: boolean;
  readonly state: InboxState;
  readonly reason: string | null;
  readonly reference: string | null;
}

/** Which entries of the inbox are asked for. */
export interface InboxQuery {
  readonly state?: InboxState;
  readonly reference?: string;
  readonly tenant?: TenantId;
  /** At most 1,000; 100 where it is left out. */
  readonly limit?: number;
  /** The last entry of the page before. */
  readonly after?: Pick<InboxEntry, 'createdAt' | 'eventId' | 'scope'>;
}

export const inboxQuery: z.ZodType<InboxQuery> = z.strictObject({
  state: z.enum(inboxStates).exactOptional(),
  reference: referenceModel.exactOptional(),
  tenant: tenantId.exactOptional(),
  limit: z.int().min(1).max(1_000).exactOptional(),
  after: z.object({ createdAt: storableTime, eventId: storableText(255), scope: storableText(255) }).exactOptional(),
});
