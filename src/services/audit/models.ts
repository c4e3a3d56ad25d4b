import { z } from 'zod';
import { subjectId, type SubjectId } from '../database/identifiers.ts';
import { storableText, storableTime } from '../database/storable.ts';
import { looksPersonal, textOfNobody } from './personal-data.ts';

export const auditTypes = ['payment', 'ticket', 'registration', 'gdpr', 'wallet', 'security', 'system'] as const;
export type AuditType = (typeof auditTypes)[number];

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a platform must be able to prove. Other actions can be recorded as well. */
export const requiredActions = [
  'payment_session_created',
  'payment_authorized',
  'payment_captured',
  'payment_reconciled',
  'ticket_created',
  'ticket_validated',
  'registration_completed',
  'gdpr_data_processed',
  'admin_access_granted',
] as const;

/** Facts beside the columns. Nothing personal: keys that name a person's data are refused, and so are e-mail addresses. */
export type AuditData = Readonly<Record<string, string | number | boolean | null>>;

/** What happened. What is left out is filled in where it can be known. */
export interface AuditInput {
  readonly type: AuditType;
  /** In snake case, such as `payment_captured`. */
  readonly action: string;
  /** The transaction's. */
  readonly reference?: string | undefined;
  /** Whom it is about: a pseudonym, never a name. */
  readonly subjectId?: SubjectId | undefined;
  /** Who did it: an account or a service, by its identifier. */
  readonly actor?: string | undefined;
  /** Names of the columns that were touched, never their values. */
  readonly fields?: readonly string[] | undefined;
  readonly data?: AuditData | undefined;
  /** When it happened; now, where it is left out. */
  readonly at?: Date | undefined;
  /** Of what it was part; a new one, where it is left out. */
  readonly requestId?: string | undefined;
  /** By the action, where it is left out. */
  readonly severity?: Severity | undefined;
  /** What belongs together; the reference, where it is left out. */
  readonly correlationId?: string | undefined;
}

/** What was written. */
export interface AuditEntry {
  /** Its place in the chain: 1, 2, 3 and so on, in the order in which transactions were committed. */
  readonly sequence: number;
  readonly type: AuditType;
  readonly action: string;
  readonly severity: Severity;
  readonly reference: string | null;
  readonly subjectId: SubjectId | null;
  readonly actor: string | null;
  readonly fields: readonly string[];
  readonly data: AuditData;
  readonly requestId: string;
  readonly correlationId: string | null;
  /** Why it was filled in afterwards; `null` where it was written when it happened. */
  readonly syntheticReason: string | null;
  readonly at: Date;
  /** By the clock of the database, which no writer can set. */
  readonly recordedAt: Date;
  /** The hash of the entry before; zeros for the first. SHA-256 in hexadecimal, as `hash`. */
  readonly previous: string;
  readonly hash: string;
}

/** Which entries are asked for: those that all of it is true of, in the order of the chain. */
export interface AuditQuery {
  readonly type?: AuditType | undefined;
  readonly action?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly reference?: string | undefined;
  readonly subjectId?: SubjectId | undefined;
  /** Of what happened then or later. */
  readonly from?: Date | undefined;
  /** Of what happened before. */
  readonly until?: Date | undefined;
  /** How many, from 1 to 1,000; 100 where it is left out. */
  readonly limit?: number | undefined;
  /** Those behind this one: `next` of the page before. */
  readonly after?: number | undefined;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** To be given as `after` for the page behind this one; `null` where there is none. */
  readonly next: number | null;
}

const identifier = textOfNobody(255);
const action: z.ZodType<string> = storableText(100).refine(
  (name) => /^[a-z][a-z0-9_]*$/.test(name),
  'expected snake case, such as payment_captured',
);

const key = storableText(64).refine(
  (name) => !looksPersonal(name),
  'it names personal data: put the column into `fields`',
);
const fact = z.union(
  [textOfNobody(1_000), z.literal(''), z.number(), z.boolean(), z.null()],
  'expected text, a number, true, false or null',
);
/** What JavaScript takes for an object's prototype, and zod leaves out of a record: it would not be written. */
const withoutPrototype = z.custom<object>(
  (facts) => typeof facts !== 'object' || facts === null || !Object.hasOwn(facts, '__proto__'),
  '__proto__ cannot be the name of a fact',
);

const data = withoutPrototype
  .pipe(z.record(key, fact))
  .refine((facts) => Object.keys(facts).length <= 50, 'expected at most 50 facts');

export const auditInput: z.ZodType<AuditInput> = z.strictObject({
  type: z.enum(auditTypes),
  action,
  reference: identifier.optional(),
  subjectId: subjectId.optional(),
  actor: identifier.optional(),
  fields: z.array(textOfNobody(128)).max(100).optional(),
  data: data.optional(),
  at: storableTime.optional(),
  requestId: identifier.optional(),
  severity: z.enum(severities).optional(),
  correlationId: identifier.optional(),
});

export const auditInputs: z.ZodType<readonly AuditInput[]> = z.array(auditInput);

export const auditQuery: z.ZodType<AuditQuery> = z.strictObject({
  type: z.enum(auditTypes).optional(),
  action: action.optional(),
  severity: z.enum(severities).optional(),
  reference: storableText(255).optional(),
  subjectId: subjectId.optional(),
  from: storableTime.optional(),
  until: storableTime.optional(),
  limit: z.int().min(1).max(1_000).optional(),
  after: z.int().nonnegative().optional(),
});

export const auditEntry: z.ZodType<AuditEntry> = z.object({
  sequence: z.int().positive(),
  type: z.enum(auditTypes),
  action: z.string(),
  severity: z.enum(severities),
  reference: z.string().nullable(),
  subjectId: subjectId.nullable(),
  actor: z.string().nullable(),
  fields: z.array(z.string()),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  requestId: z.string(),
  correlationId: z.string().nullable(),
  syntheticReason: z.string().nullable(),
  at: z.date(),
  recordedAt: z.date(),
  previous: z.string(),
  hash: z.string(),
});

/** What is selected of an entry, in the model's names. */
export const entryColumns = `sequence::float8 AS sequence, type, action, severity, reference, subject_id AS "subjectId",
  actor, fields, data, request_id AS "requestId", correlation_id AS "correlationId",
  synthetic_reason AS "syntheticReason", at, recorded_at AS "recordedAt", encode(previous, 'hex') AS previous,
  encode(hash, 'hex') AS hash`;
