import type { Faker } from '@faker-js/faker';
// One language: all of them together take four times as long to load.
import { faker } from '@faker-js/faker/locale/en';

/** When everything happens where a seed is given, so that times are the same each time as well. */
const always = new Date('2030-01-01T00:00:00Z');

/** Fake data of one's own: nobody else's use of the library changes what comes next. */
export interface FakeData {
  readonly faker: Faker;
  /** What is now, for fake times. */
  readonly now: () => Date;
}

export function fakeData(seed?: number): FakeData {
  const Own = faker.constructor as typeof Faker;
  const own = new Own({ locale: faker.rawDefinitions, ...(seed !== undefined && { seed }) });
  const now = (): Date => (seed === undefined ? new Date() : new Date(always));
  own.setDefaultRefDate(now);
  return { faker: own, now };
}
