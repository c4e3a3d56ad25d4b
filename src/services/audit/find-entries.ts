import type { Queryable } from '../database/queryable.ts';
import { valid } from '../input.ts';
import { auditEntry, auditQuery, entryColumns, type AuditPage, type AuditQuery } from './models.ts';

const defaultLimit = 100;

/** What each field of a query asks of an entry; the parameter follows. */
const conditions = {
  type: 'type =',
  action: 'action =',
  severity: 'severity =',
  reference: 'reference =',
  subjectId: 'subject_id =',
  from: 'at >=',
  until: 'at <',
  after: 'sequence >',
} as const;

/**
 * One page of entries.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID`.
 */
export async function findEntries(db: Queryable, query: AuditQuery): Promise<AuditPage> {
  const { limit = defaultLimit, ...asked } = valid(auditQuery, query, 'audit');
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const where = given.map(([field], index) => `${conditions[field as keyof typeof conditions]} $${index + 2}`);
  const found = await db.select(
    auditEntry,
    `SELECT ${entryColumns} FROM audit.entries e WHERE ${['true', ...where].join(' AND ')} ORDER BY e.sequence LIMIT $1`,
    // One more tells whether there is another page.
    [limit + 1, ...given.map(([, value]) => value)],
  );
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.sequence ?? null) : null };
}
