import { expect, test } from 'vitest';
import { naturalOrder } from './natural-order.ts';

test.each([
  { what: 'numbers come by their value', names: ['1.sql', '2.sql', '10.sql'] },
  {
    what: 'numbers larger than what a double holds, too',
    names: ['9007199254740992.sql', '09007199254740993.sql', '20240101000000000001.sql', '20240101000000000002.sql'],
  },
  { what: 'leading zeros do not count', names: ['0001_a.sql', '2_b.sql', '0003_c.sql'] },
  { what: 'of equal numbers the one written longer comes first', names: ['01.sql', '1.sql'] },
  { what: 'versions come part by part', names: ['V1.2__a.sql', 'V1.9__a.sql', 'V1.10__a.sql'] },
  { what: 'a folder comes before one whose name goes on', names: ['1_init/b.sql', '1_init-2/a.sql'] },
  { what: 'files and folders come together', names: ['1.sql', '2/1.sql', '2/10.sql', '3.sql'] },
  { what: 'letters come as in the C locale', names: ['B.sql', 'a.sql', 'z.sql', 'ä.sql'] },
])('$what', ({ names }) => {
  expect(names.toSorted(naturalOrder)).toEqual(names);
  expect(names.toReversed().sort(naturalOrder)).toEqual(names);
});
