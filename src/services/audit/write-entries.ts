import type { Queryable } from '../database/queryable.ts';
import type { EnrichedEvent } from './enrich.ts';
import { auditEntry, entryColumns, type AuditEntry } from './models.ts';

/** So many in one statement, each with a dozen parameters, of which the protocol allows 65,535. */
const most = 1_000;

const columns = [
  'type',
  'action',
  'severity',
  'reference',
  'subject_id',
  'actor',
  'fields',
  'data',
  'request_id',
  'correlation_id',
  'synthetic_reason',
  'at',
] as const;

/** Writes entries, all or none. The trigger links them in the order in which they are given, and so they are returned. */
export async function writeEntries(
  db: Queryable,
  events: readonly EnrichedEvent[],
  syntheticReason: string | null,
): Promise<AuditEntry[]> {
  if (events.length === 0) {
    return [];
  }
  if (events.length > most) {
    return db.transaction(async (tx) => {
      const entries: AuditEntry[] = [];
      for (let done = 0; done < events.length; done += most) {
        entries.push(...(await writeEntries(tx, events.slice(done, done + most), syntheticReason)));
      }
      return entries;
    });
  }
  const rows = events.map(
    (_, row) => `(${columns.map((__, column) => `$${row * columns.length + column + 1}`).join()})`,
  );
  return db.select(
    auditEntry,
    `INSERT INTO audit.entries (${columns.join()}) VALUES ${rows.join()} RETURNING ${entryColumns}`,
    events.flatMap((event) => valuesOf(event, syntheticReason)),
  );
}

/** In the order of the columns. */
function valuesOf(event: EnrichedEvent, syntheticReason: string | null): readonly unknown[] {
  return [
    event.type,
    event.action,
    event.severity,
    event.reference,
    event.subjectId,
    event.actor,
    event.fields ?? [],
    JSON.stringify(event.data ?? {}),
    event.requestId,
    event.correlationId,
    syntheticReason,
    event.at,
  ];
}
