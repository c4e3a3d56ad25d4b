import { inspect } from 'node:util';

const mostShown = 10;
const longestShown = 200;

/** What arrived, for an error: the last few, each on one line, shortened. */
export function shown(values: readonly unknown[], label = ''): string[] {
  const left = values.length - mostShown;
  const last = values.slice(-mostShown).map((value) => `${label}${showOne(value)}`);
  return left > 0 ? [`${label}… and ${left} before`, ...last] : last;
}

/** One value on one line, shortened. */
export function showOne(value: unknown): string {
  const flat = inspect(value, { breakLength: Infinity, compact: true, depth: 3 }).replaceAll(/\s*\n\s*/g, ' ');
  return flat.length > longestShown ? `${flat.slice(0, longestShown)}…` : flat;
}

/** `1 message`, `2 messages`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
