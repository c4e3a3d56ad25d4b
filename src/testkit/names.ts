import { basename } from 'node:path';
import { uniqueParts } from './unique.ts';

/** Names for what a test writes, unlike those of any other worker, process or run. */
export interface UniqueNames {
  /** `booking-a-w1-9f2c-1`: the test file, `what`, and what makes it unique. Lower-case letters, digits and dashes. */
  readonly slug: (what: string) => string;
  /** An address in a domain that RFC 2606 keeps for examples, so that no letter ever reaches anybody. */
  readonly email: (who: string) => string;
  /** What makes a slug, an address or a number unlike all others: lower-case letters, digits and dashes. */
  readonly suffix: () => string;
}

export interface UniqueNamesOptions {
  /** For the same names each time. Two that have the same seed and write to the same database get in each other's way. */
  readonly seed?: number;
}

/**
 * Names that say which test file they come from, so that a row that was left says who left it.
 *
 * @example
 * ```ts
 * const names = uniqueNames(import.meta.filename);
 * await createTenant({ slug: names.slug('a') });
 * ```
 */
export function uniqueNames(file: string, { seed }: UniqueNamesOptions = {}): UniqueNames {
  const { suffix } = uniqueParts(seed);
  const named = nameOf(file);
  const slug = (what: string): string => `${named}-${slugged(what)}-${suffix()}`;
  return { slug, email: (who) => `${slug(who)}@example.org`, suffix };
}

/** Of the file's name what a slug may have, short enough for what comes after it. */
function nameOf(file: string): string {
  const [name = ''] = basename(file).split('.');
  return slugged(name, 'test');
}

function slugged(text: string, otherwise = 'x'): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 30)
    .replaceAll(/^-+|-+$/g, '');
  return slug === '' ? otherwise : slug;
}
