import { sql } from 'kysely';
import { Refusal } from './errors.ts';
import type { Db } from './schema.ts';

/** The same attempt by so many at the same time, each of whom has a name. */
export function times<Result>(contenders: number, attempt: (name: string) => Promise<Result>): Promise<Result>[] {
  return Array.from({ length: contenders }, async (_, index) => attempt(`Guest ${index + 1}`));
}

/** What those got who got something, and what the others were told. What is no refusal is thrown: nobody may be told that. */
export async function outcomes<Result>(
  attempts: readonly Promise<Result>[],
): Promise<{ readonly won: readonly Result[]; readonly lost: readonly string[] }> {
  const won: Result[] = [];
  const lost: string[] = [];
  for (const outcome of await Promise.allSettled(attempts)) {
    if (outcome.status === 'fulfilled') {
      won.push(outcome.value);
    } else if (outcome.reason instanceof Refusal) {
      lost.push(outcome.reason.code);
    } else {
      throw outcome.reason;
    }
  }
  return { won, lost };
}

/** How many sessions of this database wait for a lock, as the server sees it. */
export async function sessionsThatWait(db: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
  `.execute(db);
  return rows[0]?.waiting ?? 0;
}
