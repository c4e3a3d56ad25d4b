import { z } from 'zod';
import { eventId, subjectId, ticketId, type EventId, type SubjectId, type TicketId } from '../database/identifiers.ts';
import { ticketStatuses, type Ticket } from '../database/models.ts';
import { storableText, storableTime } from '../database/storable.ts';

const qrFormats = ['svg', 'data-url'] as const;

/** An SVG document, or a GIF as a `data:` URL. */
export type QrFormat = (typeof qrFormats)[number];

export interface PassOptions {
  /** In whole seconds, parts of which are cut off; a day after the event begins where it is left out. */
  readonly expiresAt?: Date | undefined;
  /** When it is done; now where it is left out. */
  readonly at?: Date | undefined;
  /** `svg` where it is left out. */
  readonly qr?: QrFormat | undefined;
}

/** What a token is to be for, and when. */
export interface Expectation {
  readonly ticketId?: TicketId | undefined;
  readonly eventId?: EventId | undefined;
  /** Now where it is left out. */
  readonly at?: Date | undefined;
}

export interface RevocationOptions {
  /** Said in the audit log, so nothing personal. */
  readonly reason: string;
  readonly at?: Date | undefined;
}

/** What is known of a pass; its token is with its holder alone. */
export interface PassRecord {
  readonly id: string;
  readonly ticketId: TicketId;
  readonly eventId: EventId;
  /** Counts the tokens that it has had; the last one is good. */
  readonly version: number;
  readonly keyId: string;
  readonly issuedAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date;
  readonly redeemedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedReason: string | null;
}

/** What its holder gets. */
export interface Pass extends PassRecord {
  /** A JWS in its compact form. */
  readonly token: string;
  /** The token as a QR code, in the format that was asked for. */
  readonly qr: string;
}

/** A ticket, and whom and what it belongs to. */
export interface PassTicket extends Pick<Ticket, 'id' | 'eventId' | 'status'> {
  readonly startsAt: Date;
  /** Of the transaction that it was bought in. */
  readonly reference: string;
  /** Who comes with it. */
  readonly subjectId: SubjectId | null;
}

/** A pass as it is stored. */
export interface StoredPass extends PassRecord {
  readonly tokenDigest: Buffer;
  readonly ticketStatus: Ticket['status'];
}

const now = storableTime.default(() => new Date());

export const issueModel: z.ZodType<{
  readonly ticketId: TicketId;
  readonly expiresAt: Date | null;
  readonly at: Date;
  readonly qr: QrFormat;
}> = z
  .strictObject({
    ticketId,
    expiresAt: storableTime.transform(wholeSeconds).nullable().default(null),
    at: now,
    qr: z.enum(qrFormats).default('svg'),
  })
  .refine(({ expiresAt, at }) => expiresAt === null || expiresAt > at, {
    path: ['expiresAt'],
    error: 'expected a later time',
  });

export const expectationModel: z.ZodType<{
  /** Whatever somebody shows: what is not a token is refused as such. */
  readonly token: string;
  readonly ticketId: TicketId | null;
  readonly eventId: EventId | null;
  readonly at: Date;
}> = z.strictObject({
  token: z.string().max(4096),
  ticketId: ticketId.nullable().default(null),
  eventId: eventId.nullable().default(null),
  at: now,
});

export const revocationModel: z.ZodType<{
  readonly ticketId: TicketId;
  readonly reason: string;
  readonly at: Date;
}> = z.strictObject({ ticketId, reason: storableText(500), at: now });

export const passTicketModel: z.ZodType<PassTicket> = z.strictObject({
  id: ticketId,
  eventId,
  status: z.enum(ticketStatuses),
  startsAt: z.date(),
  reference: z.string(),
  subjectId: subjectId.nullable(),
});

const passRecord = {
  id: z.uuid(),
  ticketId,
  eventId,
  version: z.int().positive(),
  keyId: z.string(),
  issuedAt: z.date(),
  updatedAt: z.date(),
  expiresAt: z.date(),
  redeemedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
  revokedReason: z.string().nullable(),
};

/** What others may know of a pass: the rest is left out. */
export const passRecordModel: z.ZodType<PassRecord> = z.object(passRecord);

export const storedPassModel: z.ZodType<StoredPass> = z.strictObject({
  ...passRecord,
  tokenDigest: z.instanceof(Buffer),
  ticketStatus: z.enum(ticketStatuses),
});

/** As tokens count: RFC 7519 has seconds. */
export function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
