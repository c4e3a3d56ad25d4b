import { z } from 'zod';
import { textOfNobody } from '../audit/personal-data.ts';
import { subjectId, type SubjectId } from '../database/identifiers.ts';
import { storableText } from '../database/storable.ts';

export const dataCategories = [
  'personal_identification',
  'contact_information',
  'payment_information',
  'dietary_restrictions',
  'emergency_contacts',
  'marketing_preferences',
] as const;
export type DataCategory = (typeof dataCategories)[number];

/** Art. 6 (1) of the GDPR. */
export const legalBases = [
  'consent',
  'contract',
  'legal_obligation',
  'vital_interests',
  'public_task',
  'legitimate_interests',
] as const;
export type LegalBasis = (typeof legalBases)[number];

/** Art. 15 to 18, 20 and 21 of the GDPR. */
export const requestTypes = ['access', 'rectification', 'erasure', 'portability', 'restriction', 'objection'] as const;
export type RequestType = (typeof requestTypes)[number];

/**
 * `partially_completed`: the law keeps some of what was to be erased. `manual_review`: a person must decide; `completed` or
 * `rejected` is what they decided.
 */
export const requestStatuses = ['completed', 'partially_completed', 'manual_review', 'rejected'] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** Something that is done with a person's data. */
export interface ProcessingInput {
  readonly subjectId: SubjectId;
  readonly category: DataCategory;
  /** What is done, such as `registration`. */
  readonly activity: string;
  /** What for, in words. */
  readonly purpose: string;
  readonly legalBasis: LegalBasis;
  /** Names of the columns, never their values. */
  readonly fields: readonly string[];
  /** For how long, as an ISO 8601 duration in years, months and days, such as `P7Y` or `P30D`. */
  readonly retention: string;
  /** Who else receives it; nobody, where it is left out. */
  readonly thirdParties?: readonly string[] | undefined;
}

export interface ProcessingRecord extends Required<Omit<ProcessingInput, 'subjectId' | 'thirdParties'>> {
  readonly id: string;
  /** `null` where the person has been made anonymous. */
  readonly subjectId: SubjectId | null;
  readonly thirdParties: readonly string[];
  readonly retainedUntil: Date;
  readonly recordedAt: Date;
}

/** What was made anonymous in one table. */
export interface ErasedRows {
  readonly table: string;
  readonly rows: number;
  /** Those that were emptied or replaced, in rows that the law keeps as well. */
  readonly columns: readonly string[];
}

/** What the law keeps in one table. */
export interface RetainedRows {
  readonly table: string;
  readonly rows: number;
  /** Those that still lead to the person. */
  readonly columns: readonly string[];
  /** When the last of them may go. */
  readonly until: Date;
  readonly reason: string;
}

export interface DataRequest {
  readonly id: string;
  readonly subjectId: SubjectId;
  readonly type: RequestType;
  readonly status: RequestStatus;
  readonly erased: readonly ErasedRows[];
  readonly retained: readonly RetainedRows[];
  readonly requestedAt: Date;
  /** `null` while a person has yet to decide. */
  readonly completedAt: Date | null;
}

const zero = /^P(0+[YMD])+$/;
const duration = z
  .string()
  .regex(
    /^P(?=\d)(\d{1,3}Y)?(\d{1,4}M)?(\d{1,5}D)?$/,
    'expected an ISO 8601 duration in years, months and days, such as P7Y',
  )
  .refine((text) => !zero.test(text), 'expected a duration that is longer than nothing');

export const processingInput: z.ZodType<ProcessingInput> = z.strictObject({
  subjectId,
  category: z.enum(dataCategories),
  // They stay when the person is made anonymous.
  activity: textOfNobody(255),
  purpose: textOfNobody(1_000),
  legalBasis: z.enum(legalBases),
  fields: z.array(textOfNobody(128)).min(1).max(100),
  retention: duration,
  thirdParties: z.array(storableText(255)).max(100).optional(),
});

export const processingRecord: z.ZodType<ProcessingRecord> = z.object({
  id: z.uuid(),
  subjectId: subjectId.nullable(),
  category: z.enum(dataCategories),
  activity: z.string(),
  purpose: z.string(),
  legalBasis: z.enum(legalBases),
  fields: z.array(z.string()),
  retention: z.string(),
  thirdParties: z.array(z.string()),
  retainedUntil: z.date(),
  recordedAt: z.date(),
});

/** What is selected of a processing record, in the model's names. */
export const processingColumns = `id, subject_id AS "subjectId", category, activity, purpose, legal_basis AS "legalBasis",
  fields, retention, third_parties AS "thirdParties", retained_until AS "retainedUntil", recorded_at AS "recordedAt"`;

export interface RequestInput {
  readonly subjectId: SubjectId;
  readonly type: RequestType;
}

export const requestInput: z.ZodType<RequestInput> = z.strictObject({ subjectId, type: z.enum(requestTypes) });

/** What a person decided about a request. */
export interface Decision {
  readonly outcome: 'completed' | 'rejected';
}

export const decision: z.ZodType<Decision & { readonly id: string }> = z.strictObject({
  id: z.uuid(),
  outcome: z.enum(['completed', 'rejected']),
});

export const subject: z.ZodType<{ readonly subjectId: SubjectId }> = z.strictObject({ subjectId });

export const dataRequest: z.ZodType<DataRequest> = z.object({
  id: z.uuid(),
  subjectId,
  type: z.enum(requestTypes),
  status: z.enum(requestStatuses),
  erased: z.array(z.object({ table: z.string(), rows: z.int(), columns: z.array(z.string()) })),
  retained: z.array(
    z.object({
      table: z.string(),
      rows: z.int(),
      columns: z.array(z.string()),
      until: z.iso.datetime().transform((text) => new Date(text)),
      reason: z.string(),
    }),
  ),
  requestedAt: z.date(),
  completedAt: z.date().nullable(),
});

/** What is selected of a request, in the model's names. */
export const requestColumns = `id, subject_id AS "subjectId", type, status, erased, retained,
  requested_at AS "requestedAt", completed_at AS "completedAt"`;
