import type { AuditLog } from '../audit/audit-log.ts';
import type { PaymentTransaction, TransactionStatus } from '../database/models.ts';
import type { Cents } from '../database/money.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { financialEventModel } from './models.ts';

/** What happened to a transaction, apart from which. */
interface Happening {
  readonly action: string;
  readonly before?: TransactionStatus;
  readonly after: TransactionStatus;
  readonly amount: Cents;
  readonly at: Date;
  readonly eventId?: string | null;
}

/** Writes down what happened to a transaction, for people who look at it and in the audit log. */
export async function append(
  tx: Queryable,
  audit: AuditLog,
  { reference, currency, subjectId }: Pick<PaymentTransaction, 'reference' | 'currency' | 'subjectId'>,
  happening: Happening,
): Promise<void> {
  const event = valid(financialEventModel, { reference, ...happening }, 'financial');
  const { id, action, eventId, before, after, amount, at } = event;
  await tx.query(
    `INSERT INTO financial_events (id, reference, action, event_id, status_before, status_after, amount, at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, reference, action, eventId, before, after, amount, at],
  );
  await audit.within(tx).record({
    type: 'payment',
    action,
    reference,
    ...(subjectId !== null && { subjectId }),
    data: { before, after, amount, currency, eventId },
    at,
  });
}
