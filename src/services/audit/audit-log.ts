import { MayflyError } from '../../errors/mayfly-error.ts';
import type { OnConnection } from '../../service/shared-connection.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { enrich, type EnrichedEvent } from './enrich.ts';
import { findEntries } from './find-entries.ts';
import { Interceptors, type ActionPattern, type Interceptor } from './interceptors.ts';
import {
  auditInput,
  auditInputs,
  type AuditEntry,
  type AuditInput,
  type AuditPage,
  type AuditQuery,
} from './models.ts';
import { fillOptions, lockTrail, missingSteps, stepAction, type FillOptions, type TrailStep } from './trail.ts';
import { verifyChain, type ChainVerdict } from './verify-chain.ts';
import { writeEntries } from './write-entries.ts';

export interface AuditOptions {
  /** Whether {@link AuditLog.fill} may write what did not happen: for tests alone. */
  readonly syntheticEntries?: boolean;
}

/**
 * The audit log: entries can be added, and never changed or taken away. Each carries the hash of the one before, so that
 * whoever got round that is found out.
 *
 * One chain has one end: whoever writes an entry holds it until their transaction is over, and others wait. So write
 * entries last, in short transactions; that also keeps two transactions from waiting for each other. A transaction at
 * REPEATABLE READ or above fails with a serialization error where another one wrote an entry after it began.
 */
export class AuditLog implements OnConnection {
  readonly #db: Queryable;
  readonly #options: AuditOptions;
  readonly #interceptors: Interceptors;

  constructor(db: Queryable, options: AuditOptions = {}, interceptors: Interceptors = new Interceptors()) {
    this.#db = db;
    this.#options = options;
    this.#interceptors = interceptors;
  }

  get sharedConnection(): Queryable {
    return this.#db;
  }

  /** The same log on a transaction, with the same interceptors. */
  within(db: Queryable): AuditLog {
    return new AuditLog(db, this.#options, this.#interceptors);
  }

  /**
   * Writes an entry: the event as the interceptors leave it, with what is missing filled in.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`; whatever an interceptor throws. Nothing is written then.
   */
  async record(event: AuditInput): Promise<AuditEntry> {
    const [entry] = await this.#write(this.#db, [valid(auditInput, event, 'audit')], null);
    return entry as AuditEntry;
  }

  /**
   * Writes entries as {@link record} does, all or none, in the order in which they are given: by one
   * statement for each thousand.
   *
   * @throws MayflyError as {@link record} does; the field is named with its place among the events.
   */
  async recordAll(events: readonly AuditInput[]): Promise<readonly AuditEntry[]> {
    return this.#write(this.#db, valid(auditInputs, events, 'audit'), null);
  }

  /**
   * Entries in the order of the chain, by pages. Nothing is ever written before what a page has shown.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`.
   */
  async find(query: AuditQuery = {}): Promise<AuditPage> {
    return findEntries(this.#db, query);
  }

  /**
   * Recomputes the chain, and names the first entry that is not what it was, or is not there. Against somebody who may
   * do anything on the server and made all hashes anew, the head's as well, keep the hash of an entry elsewhere.
   */
  async verify(): Promise<ChainVerdict> {
    return verifyChain(this.#db);
  }

  /**
   * The steps of a transaction that have no entry, in their order.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND` where neither a transaction nor an entry has this reference.
   */
  async missing(reference: string): Promise<readonly TrailStep[]> {
    return missingSteps(this.#db, reference);
  }

  /**
   * Writes an entry for each missing step, marked as synthetic, with the reason. Called twice, also at the same time, it
   * writes them once.
   *
   * @throws MayflyError `MAYFLY_SYNTHETIC_REFUSED` unless the service was made by `auditService({ syntheticEntries: true })`;
   * `MAYFLY_RECORD_NOT_FOUND`, `MAYFLY_INPUT_INVALID`.
   */
  async fill(reference: string, options: FillOptions): Promise<readonly AuditEntry[]> {
    if (this.#options.syntheticEntries !== true) {
      throw new MayflyError('MAYFLY_SYNTHETIC_REFUSED', {
        message: 'This audit log takes no entries for what did not happen.',
        remedy:
          'In a test, start it as `auditService({ syntheticEntries: true })`; elsewhere, find out why they are missing.',
        service: 'audit',
        phase: 'run',
      });
    }
    const { reason } = valid(fillOptions, options, 'audit');
    return this.#db.transaction(async (tx) => {
      await lockTrail(tx, reference);
      const steps = await missingSteps(tx, reference);
      const events = steps.map((step) => ({ type: 'payment', action: stepAction[step], reference }) as const);
      return this.#write(tx, events, reason);
    });
  }

  /**
   * Calls `interceptor` with every event whose action is like `pattern` before it is written, after those that were added
   * before. Gives what takes it away again.
   *
   * @example
   * ```ts
   * const remove = audit.intercept('payment_*', (event) => ({ ...event, actor: 'checkout' }));
   * ```
   */
  intercept(pattern: ActionPattern, interceptor: Interceptor): () => void {
    return this.#interceptors.add(pattern, interceptor);
  }

  async #write(db: Queryable, given: readonly AuditInput[], reason: string | null): Promise<AuditEntry[]> {
    const events: EnrichedEvent[] = [];
    // One after the other: interceptors may count on the order.
    for (const event of given) {
      events.push(enrich(await this.#interceptors.apply(event)));
    }
    return writeEntries(db, events, reason);
  }
}
