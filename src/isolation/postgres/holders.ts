import type { RegisteredDatabase } from './registry.ts';

/** One line for each database that is held: by whom, and for how long. */
export function describeHolders(held: readonly RegisteredDatabase[]): string {
  return held
    .map(({ database, name, worker, file, since }) => {
      const who = [name, worker && `worker ${worker}`, file].filter((part) => part !== null && part !== undefined);
      return `  ${database}: ${who.join(', ')}, for ${Math.round((Date.now() - since.getTime()) / 1000)} s`;
    })
    .join('\n');
}
