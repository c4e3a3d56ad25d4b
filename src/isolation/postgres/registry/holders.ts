import type { RegisteredDatabase } from './registry.ts';

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

function isKnown(part: string | null | undefined): part is string {
  return part !== null && part !== undefined;
}
