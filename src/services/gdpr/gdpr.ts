import { randomUUID } from 'node:crypto';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { OnConnection } from '../../service/shared-connection.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { SubjectId } from '../database/identifiers.ts';
import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { erase, type Erasure } from './erase.ts';
import { exportSubject, type SubjectExport } from './export-subject.ts';
import {
  dataRequest,
  decision,
  processingColumns,
  processingInput,
  processingRecord,
  requestColumns,
  requestInput,
  subject,
  type DataRequest,
  type Decision,
  type ProcessingInput,
  type ProcessingRecord,
  type RequestInput,
  type RequestStatus,
} from './models.ts';
import type { SubjectTable } from './subject-tables.ts';

/** A request for one's data, with the data. */
export interface AnsweredRequest extends DataRequest {
  readonly export: SubjectExport;
}

const nothing: Erasure = { erased: [], retained: [] };

/**
 * What is done with people's data, and what people ask for. Each step and its audit entry are one transaction.
 *
 * People are known by an identifier that means nothing by itself. The audit log and the requests keep it; what it stands for
 * is in the tables that an erasure goes through.
 */
export class Gdpr implements OnConnection {
  readonly #db: Queryable;
  readonly #audit: AuditLog;
  /** Every table that holds data of people. */
  readonly tables: readonly SubjectTable[];

  constructor(db: Queryable, audit: AuditLog, tables: readonly SubjectTable[]) {
    this.#db = db;
    this.#audit = audit;
    this.tables = tables;
  }

  get sharedConnection(): Queryable {
    return this.#db;
  }

  /** The same service on a transaction. */
  within(db: Queryable): Gdpr {
    return new Gdpr(db, this.#audit.within(db), this.tables);
  }

  /**
   * Records something that is done with a person's data.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`, for an unknown legal basis among others. Nothing is written then.
   */
  async record(input: ProcessingInput): Promise<ProcessingRecord> {
    const { thirdParties = [], ...given } = valid(processingInput, input, 'gdpr');
    return this.#db.transaction(async (tx) => {
      const [record] = await tx.select(
        processingRecord,
        `INSERT INTO processing_records (id, subject_id, category, activity, purpose, legal_basis, fields, retention,
           retained_until, third_parties)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $8::text::interval, $9) RETURNING ${processingColumns}`,
        [
          randomUUID(),
          given.subjectId,
          given.category,
          given.activity,
          given.purpose,
          given.legalBasis,
          given.fields,
          given.retention,
          thirdParties,
        ],
      );
      const { id, category, legalBasis } = record as ProcessingRecord;
      await this.#audit.within(tx).record({
        type: 'gdpr',
        action: 'gdpr_data_processed',
        subjectId: given.subjectId,
        fields: given.fields,
        data: { record: id, category, legalBasis },
      });
      return record as ProcessingRecord;
    });
  }

  /**
   * What is recorded of a person, oldest first.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`.
   */
  async records(subjectId: SubjectId): Promise<readonly ProcessingRecord[]> {
    return this.#db.select(
      processingRecord,
      `SELECT ${processingColumns} FROM processing_records p WHERE p.subject_id = $1 ORDER BY p.recorded_at, p.id`,
      [valid(subject, { subjectId }, 'gdpr').subjectId],
    );
  }

  /**
   * Takes a request, and carries it out: access and portability give everything that is held of the person, erasure makes
   * them anonymous in every table. What the law keeps is named; the request is `partially_completed` then. The others go
   * to `manual_review`.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`, for an unknown type among others. Nothing is written then.
   *
   * @example
   * ```ts
   * const { status, retained } = await gdpr.request({ type: 'erasure', subjectId });
   * ```
   */
  request(input: RequestInput & { readonly type: 'access' | 'portability' }): Promise<AnsweredRequest>;
  request(input: RequestInput): Promise<DataRequest | AnsweredRequest>;
  async request(input: RequestInput): Promise<DataRequest | AnsweredRequest> {
    const given = valid(requestInput, input, 'gdpr');
    return this.#db.transaction(async (tx) => {
      switch (given.type) {
        case 'access':
        case 'portability': {
          const held = await exportSubject(tx, this.tables, given.subjectId);
          return { ...(await this.#keep(tx, given, 'completed')), export: held };
        }
        case 'erasure': {
          const erasure = await erase(tx, this.tables, given.subjectId);
          return this.#keep(tx, given, erasure.retained.length === 0 ? 'completed' : 'partially_completed', erasure);
        }
        case 'rectification':
        case 'restriction':
        case 'objection':
          return this.#keep(tx, given, 'manual_review');
      }
    });
  }

  /**
   * What a person asked for, oldest first.
   *
   * @throws MayflyError `MAYFLY_INPUT_INVALID`.
   */
  async requests(subjectId: SubjectId): Promise<readonly DataRequest[]> {
    return this.#db.select(
      dataRequest,
      `SELECT ${requestColumns} FROM data_requests r WHERE r.subject_id = $1 ORDER BY r.requested_at, r.id`,
      [valid(subject, { subjectId }, 'gdpr').subjectId],
    );
  }

  /**
   * Ends a request that is in `manual_review`.
   *
   * @throws MayflyError `MAYFLY_RECORD_NOT_FOUND`; `MAYFLY_STATE_REFUSED` where it has ended already; `MAYFLY_INPUT_INVALID`.
   */
  async resolve(requestId: string, decided: Decision): Promise<DataRequest> {
    const given = valid(decision, { ...decided, id: requestId }, 'gdpr');
    return this.#db.transaction(async (tx) => {
      const [resolved] = await tx.select(
        dataRequest,
        `UPDATE data_requests SET status = $2, completed_at = now() WHERE id = $1 AND status = 'manual_review'
         RETURNING ${requestColumns}`,
        [given.id, given.outcome],
      );
      if (resolved === undefined) {
        throw await refusal(tx, given.id);
      }
      await this.#note(tx, 'gdpr_request_resolved', resolved);
      return resolved;
    });
  }

  async #keep(
    tx: Queryable,
    { subjectId, type }: RequestInput,
    status: RequestStatus,
    { erased, retained }: Erasure = nothing,
  ): Promise<DataRequest> {
    const [request] = await tx.select(
      dataRequest,
      `INSERT INTO data_requests (id, subject_id, type, status, erased, retained, completed_at)
       VALUES ($1, $2, $3, $4::text, $5, $6, CASE WHEN $4 <> 'manual_review' THEN now() END) RETURNING ${requestColumns}`,
      [randomUUID(), subjectId, type, status, JSON.stringify(erased), JSON.stringify(retained)],
    );
    await this.#note(tx, `gdpr_${type}_requested`, request as DataRequest);
    return request as DataRequest;
  }

  async #note(tx: Queryable, action: string, { id, subjectId, type, status, erased }: DataRequest): Promise<void> {
    await this.#audit.within(tx).record({
      type: 'gdpr',
      action,
      subjectId,
      fields: erased.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)),
      data: { request: id, type, status },
    });
  }
}

async function refusal(db: Queryable, id: string): Promise<MayflyError> {
  const [known] = await db.query<{ status: string }>('SELECT status FROM data_requests WHERE id = $1', [id]);
  return known === undefined
    ? new MayflyError('MAYFLY_RECORD_NOT_FOUND', {
        message: `There is no request ${id}.`,
        remedy: 'Check the identifier, and whether what wrote it was committed.',
        service: 'gdpr',
        phase: 'run',
      })
    : new MayflyError('MAYFLY_STATE_REFUSED', {
        message: `The request ${id} is ${known.status}, and only one in manual_review can be resolved.`,
        remedy: 'Leave it as it is, or make a new request.',
        service: 'gdpr',
        phase: 'run',
      });
}
