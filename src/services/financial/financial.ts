import { MayflyError } from '../../errors/mayfly-error.ts';
import type { OnConnection } from '../../service/shared-connection.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { columns, transactionModel, type PaymentTransaction, type TransactionStatus } from '../database/models.ts';
import type { Cents } from '../database/money.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { append } from './events.ts';
import {
  eventColumns,
  financialEventModel,
  newTransactionModel,
  referenceModel,
  stepModel,
  type AdvanceOptions,
  type FinancialEvent,
  type Step,
  type TransactionInput,
} from './models.ts';
import { reconcile } from './reconcile.ts';
import { reconciliationInputModel, type Reconciliation, type ReconciliationInput } from './reconciliation.ts';
import { actions, change, refused } from './state-machine.ts';

const service = 'financial';

/**
 * Payments: what they are of, how far they are, what happened to them, and whether the provider says the same. All that it
 * writes is written together with its audit entries, or not at all.
 *
 * Amounts are in the currency's smallest unit. What was given is checked first: MayflyError `MAYFLY_INPUT_INVALID` names
 * the field.
 */
export class Financial implements OnConnection {
  readonly #db: Queryable;
  readonly #audit: AuditLog;

  constructor(db: Queryable, audit: AuditLog) {
    this.#db = db;
    this.#audit = audit;
  }

  get sharedConnection(): Queryable {
    return this.#db;
  }

  /** The same on a transaction, which it then is a part of. */
  within(db: Queryable): Financial {
    return new Financial(db, this.#audit);
  }

  /**
   * Begins a payment: it is pending then.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such tenant; `MAYFLY_STATE_REFUSED` where there is a
   *   transaction with this identifier, reference, session or payment intent already.
   */
  async create(input: TransactionInput): Promise<PaymentTransaction> {
    const begun = valid(newTransactionModel, input, service);
    return this.#db.transaction(async (tx) => {
      const tenants = await tx.query('SELECT FROM tenants WHERE id = $1 FOR KEY SHARE', [begun.tenantId]);
      if (tenants.length === 0) {
        throw notFound(`There is no tenant \`${begun.tenantId}\`.`);
      }
      const [created] = await tx.select(
        transactionModel,
        `INSERT INTO transactions (id, tenant_id, reference, stripe_session, payment_intent, amount, fees, currency, status,
            subject_id, email, created_at)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10, $11)
          ON CONFLICT DO NOTHING RETURNING ${columns.transactions}`,
        [
          begun.id,
          begun.tenantId,
          begun.reference,
          begun.stripeSession,
          begun.paymentIntent,
          begun.amount,
          begun.fees,
          begun.currency,
          begun.subjectId,
          begun.email,
          begun.createdAt,
        ],
      );
      if (created === undefined) {
        throw refused(`There is a transaction already that \`${begun.reference}\` shares something unique with.`);
      }
      const { amount, createdAt: at } = created;
      await append(tx, this.#audit, created, { action: actions.pending, after: 'pending', amount, at });
      return created;
    });
  }

  /** @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such transaction. */
  async find(reference: string): Promise<PaymentTransaction> {
    return this.#read(this.#db, valid(referenceModel, reference, service), '');
  }

  /**
   * Moves a transaction on. Of several at once one is first, and the others meet what it left. An event that has moved
   * the transaction before moves nothing: the transaction is returned as it is now.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such transaction; `MAYFLY_STATE_REFUSED` where its
   *   state does not lead there, less is left to refund, or the event moved it elsewhere; `MAYFLY_INPUT_INVALID` also
   *   where the amount is not the transaction's own.
   */
  async advance(reference: string, to: TransactionStatus, options: AdvanceOptions = {}): Promise<PaymentTransaction> {
    const step = valid(stepModel, { ...options, reference, to }, service);
    return this.#db.transaction(async (tx) => {
      const before = await this.#read(tx, step.reference, 'FOR NO KEY UPDATE');
      if (await isRepeated(tx, step)) {
        return before;
      }
      const { status, amount, refunded, completedAt } = change(before, step);
      const [after] = await tx.select(
        transactionModel,
        `UPDATE transactions SET status = $2, refunded = $3, completed_at = $4 WHERE id = $1
          RETURNING ${columns.transactions}`,
        [before.id, status, refunded, completedAt],
      );
      const { at, eventId, to: sought } = step;
      const action = actions[sought];
      await append(tx, this.#audit, before, { action, before: before.status, after: status, amount, at, eventId });
      return after ?? before;
    });
  }

  /**
   * Gives back a part of what was paid, or all that is left of it: parts add up, and with the last the transaction is
   * refunded.
   *
   * @throws MayflyError as `advance` does.
   */
  async refund(
    reference: string,
    amount?: Cents,
    options: Omit<AdvanceOptions, 'amount'> = {},
  ): Promise<PaymentTransaction> {
    return this.advance(reference, 'refunded', { ...options, amount });
  }

  /**
   * What happened to a transaction, the first first.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where there is no such transaction.
   */
  async events(reference: string): Promise<readonly FinancialEvent[]> {
    const { reference: known } = await this.find(reference);
    return this.#db.select(
      financialEventModel,
      `SELECT ${eventColumns} FROM financial_events WHERE reference = $1 ORDER BY sequence`,
      [known],
    );
  }

  /**
   * Holds what the provider has of a period against the database: in one statement, which takes a second or so for
   * 100,000 payments. What it found is kept without the lists, and audited as `reconciliation_completed`.
   */
  async reconcile(input: ReconciliationInput): Promise<Reconciliation> {
    const wanted = valid(reconciliationInputModel, input, service);
    return this.#db.transaction((tx) => reconcile(tx, this.#audit, wanted));
  }

  async #read(db: Queryable, reference: string, lock: '' | 'FOR NO KEY UPDATE'): Promise<PaymentTransaction> {
    const [found] = await db.select(
      transactionModel,
      `SELECT ${columns.transactions} FROM transactions WHERE reference = $1 ${lock}`,
      [reference],
    );
    if (found === undefined) {
      throw notFound(`There is no transaction \`${reference}\`.`);
    }
    return found;
  }
}

/** Whether the event moved the transaction before, to the same end. */
async function isRepeated(tx: Queryable, { reference, eventId, to }: Step): Promise<boolean> {
  if (eventId === null) {
    return false;
  }
  const [known] = await tx.query<{ action: string }>(
    'SELECT action FROM financial_events WHERE reference = $1 AND event_id = $2',
    [reference, eventId],
  );
  if (known !== undefined && known.action !== actions[to]) {
    throw refused(`The event \`${eventId}\` was ${known.action} before and cannot be ${actions[to]} now.`);
  }
  return known !== undefined;
}

function notFound(message: string): MayflyError {
  return new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
    message,
    remedy: 'Create it first, or correct how it is called.',
    service,
    phase: 'run',
  });
}
