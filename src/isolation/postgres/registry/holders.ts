import type { RegisteredDatabase } from './registry.ts';

/** One line for each database that is held: by whom, and for how long. */
export function describeHolders(held: readonly RegisteredDatabase[]): string {
  return held
    .map(({ database, name, worker, file, since }) => {
      const who = [name, isKnown(worker) ? `worker ${worker}` : null, file].filter(isKnown);
      return `  ${database}: ${who.join(', ')}, for ${Math.round((Date.now() - since.getTime()) / 1000)} s`;
    })
    .join('\n');
}

function isKnown(part: string | null | undefined): part is string {
  return part !== null && part !== undefined;
}
