import type { SubjectId } from '../../services/database/identifiers.ts';
import type { PaymentTransaction } from '../../services/database/models.ts';
import type { Queryable } from '../../services/database/queryable.ts';
import type { PurchaseGraph } from './purchase.ts';

/** What the factories tell the audit log. */
export interface TrailEntry {
  readonly type: 'payment' | 'ticket' | 'registration';
  readonly action: string;
  readonly reference: string;
  readonly subjectId?: SubjectId;
  readonly data?: Record<string, string | number>;
  readonly at: Date;
}

/** What the factories need of an audit log: the bundled one is such a log. */
export interface AuditTrail {
  within(db: Queryable): AuditTrail;
  recordAll(entries: readonly TrailEntry[]): Promise<unknown>;
}

const steps: Record<PaymentTransaction['status'], readonly string[]> = {
  pending: ['payment_session_created'],
  authorized: ['payment_session_created', 'payment_authorized'],
  completed: ['payment_session_created', 'payment_authorized', 'payment_captured'],
  failed: ['payment_session_created', 'payment_failed'],
  refunded: ['payment_session_created', 'payment_authorized', 'payment_captured', 'payment_refunded'],
};

/** What the platform would have told the audit log on the way to this purchase, in that order. */
export function trailOf(
  { transaction, tickets, registrations }: PurchaseGraph,
  isReconciled: boolean,
): readonly TrailEntry[] {
  const { reference, createdAt: at, status, amount, currency } = transaction;
  const about = (type: TrailEntry['type'], action: string, subjectId: SubjectId | null): TrailEntry => ({
    type,
    action,
    reference,
    at,
    ...(subjectId !== null && { subjectId }),
  });
  const paid = steps[status].map((action) => ({
    ...about('payment', action, transaction.subjectId),
    data: { amount, currency },
  }));
  const created = tickets.map(({ number }) => ({
    ...about('ticket', 'ticket_created', transaction.subjectId),
    data: { ticket: number },
  }));
  const validated = tickets
    .filter((ticket) => ticket.status === 'validated')
    .map(({ number }) => ({ ...about('ticket', 'ticket_validated', transaction.subjectId), data: { ticket: number } }));
  const registered = registrations.map(({ subjectId }) => about('registration', 'registration_completed', subjectId));
  const reconciled =
    isReconciled && status === 'completed'
      ? [{ ...about('payment', 'payment_reconciled', transaction.subjectId), data: { amount, currency } }]
      : [];
  return [...paid, ...created, ...registered, ...validated, ...reconciled];
}
