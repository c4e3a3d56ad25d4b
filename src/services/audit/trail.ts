import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { Queryable } from '../database/queryable.ts';
import { storableText } from '../database/storable.ts';
import { valid } from '../input.ts';
import { textOfNobody } from './personal-data.ts';

/** What must be on record of a payment that went through and was found on the provider's statement. */
export const trailSteps = ['session_created', 'authorized', 'captured', 'reconciled'] as const;
export type TrailStep = (typeof trailSteps)[number];

/** The action that proves each step. */
export const stepAction: Readonly<Record<TrailStep, string>> = {
  session_created: 'payment_session_created',
  authorized: 'payment_authorized',
  captured: 'payment_captured',
  reconciled: 'payment_reconciled',
} as const satisfies Record<TrailStep, string>;

export interface FillOptions {
  /** Why entries are made up; every one of them says it. */
  readonly reason: string;
}

export const fillOptions: z.ZodType<FillOptions> = z.strictObject({ reason: textOfNobody(1_000) });

const asked = z.strictObject({ reference: storableText(255) });

const trail = z.object({ isKnown: z.boolean(), actions: z.array(z.string()) });

/**
 * The steps that have no entry.
 *
 * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND`, `MAYFLY_INPUT_INVALID`.
 */
export async function missingSteps(db: Queryable, given: string): Promise<TrailStep[]> {
  const { reference } = valid(asked, { reference: given }, 'audit');
  const [found] = await db.select(
    trail,
    `SELECT count(*) > 0 OR EXISTS (SELECT FROM transactions t WHERE t.reference = $1) AS "isKnown",
       coalesce(array_agg(DISTINCT action), '{}') AS actions
     FROM audit.entries e WHERE e.reference = $1`,
    [reference],
  );
  if (found?.isKnown !== true) {
    throw new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
      message: `There is neither a transaction nor an audit entry with the reference ${JSON.stringify(reference)}.`,
      remedy: 'Check the reference, and whether what wrote it was committed.',
      service: 'audit',
      phase: 'run',
    });
  }
  return trailSteps.filter((step) => !found.actions.includes(stepAction[step]));
}

/** Makes whoever else fills the same trail wait until the transaction is over. */
export async function lockTrail(db: Queryable, given: string): Promise<void> {
  const { reference } = valid(asked, { reference: given }, 'audit');
  await db.query(`SELECT pg_advisory_xact_lock(hashtextextended('mayfly audit trail ' || $1, 0))`, [reference]);
}
