import type { Registry } from '../registry/registry.ts';

/** A connection that was refused because there were too many. */
export interface ConnectionRefusal {
  /** ISO 8601. */
  readonly at: string;
  /** The lease that wanted one. */
  readonly refused: string;
  /** Who held the others, one line each. */
  readonly holders: string;
}

/** Writes down a refusal, for whoever watches. */
export async function recordRefusal(
  { connection, session }: Registry,
  refused: string,
  holders: string,
): Promise<void> {
  await connection.query('INSERT INTO mayfly_1.refusal (session, refused, holders) VALUES ($1, $2, $3)', [
    session,
    refused,
    holders,
  ]);
}

/** The refusals in a run that were written down after the numbered one, oldest first. */
export async function listRefusals(
  { connection, session }: Registry,
  after: string,
): Promise<(ConnectionRefusal & { readonly number: string })[]> {
  const { rows } = await connection.query<{ number: string; at: Date; refused: string; holders: string }>(
    'SELECT number, at, refused, holders FROM mayfly_1.refusal WHERE session = $1 AND number > $2 ORDER BY number',
    [session, after],
  );
  return rows.map(({ at, ...refusal }) => ({ ...refusal, at: at.toISOString() }));
}
