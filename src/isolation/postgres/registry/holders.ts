import type { LeaseHolder, RegisteredDatabase, Registry } from './registry.ts';

/** One line for each database that is held: by whom, and for how long. */
export function describeHolders(held: readonly RegisteredDatabase[]): string {
  return held
    .map(({ database, state, name, worker, file, since }) => {
      const kept = state === 'kept' ? 'kept as its test failed' : null;
      const who = [name, isKnown(worker) ? `worker ${worker}` : null, file, kept].filter(isKnown);
      return `  ${database}: ${who.join(', ')}, for ${Math.round((Date.now() - since.getTime()) / 1000)} s`;
    })
    .join('\n');
}

/** Says that a database, which this process has kept, is held by another test now. */
export async function renameHolder(
  { connection }: Registry,
  database: string,
  { name, worker, file }: LeaseHolder,
): Promise<void> {
  await connection.query(
    'UPDATE mayfly_1.database SET name = $2, worker = $3, file = $4, since = now() WHERE database = $1',
    [database, name, worker, file],
  );
}

function isKnown(part: string | null | undefined): part is string {
  return part !== null && part !== undefined;
}
