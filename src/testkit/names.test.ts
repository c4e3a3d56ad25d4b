import { expect, test } from 'vitest';
import { uniqueNames } from './names.ts';

test('a slug says which file and what it is for, and none is given twice', () => {
  const names = uniqueNames('/suite/Booking Repository.test.ts');
  const slugs = ['a', 'a', 'b'].map((what) => names.slug(what));

  expect(slugs[0]).toMatch(/^booking-repository-a-[a-z0-9-]+$/);
  expect(new Set([...slugs, uniqueNames('/suite/Booking Repository.test.ts').slug('a')]).size).toBe(4);
});

test('an address reaches nobody', () => {
  expect(uniqueNames('forms.test.ts').email('Ada Lovelace')).toMatch(/^forms-ada-lovelace-[a-z0-9-]+@example\.org$/);
});

test('what no slug may have is left out, and something always remains', () => {
  expect(uniqueNames('テスト.test.ts').slug('«»')).toMatch(/^test-x-[a-z0-9-]+$/);
});

test('with a seed the names are the same each time', () => {
  const made = (): string[] => ['a', 'b'].map(uniqueNames('forms.test.ts', { seed: 7 }).slug);
  expect(made()).toEqual(made());
});
