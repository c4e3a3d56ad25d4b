import { expect, test } from 'vitest';
import { excerptAt, indexOfPosition, lineAt } from './source-position.ts';

test('positions count characters, not the two units of an emoji', () => {
  const sql = "SELECT '😀😀', x";

  expect(sql[indexOfPosition(sql, '14')]).toBe('x');
  expect(indexOfPosition(sql, '1')).toBe(0);
  expect(indexOfPosition(sql, '15')).toBe(sql.length);
});

test('lines are counted from one, and a line break belongs to the line that it ends', () => {
  expect([0, 1, 2, 3].map((index) => lineAt('a\nbc', index))).toEqual([1, 1, 2, 2]);
});

test('an excerpt shows the line, and the place below it', () => {
  const text = 'one\r\n\ttwo three\r\nfour';

  expect(excerptAt(text, text.indexOf('three'))).toBe('  2 |  two three\n    |      ^');
  expect(excerptAt(text, text.length)).toBe('  3 | four\n    |     ^');
  expect(excerptAt(text, 0)).toBe('  1 | one\n    | ^');
});

test('of a long line it shows the part around the place', () => {
  const [line, mark] = excerptAt(`${'a'.repeat(500)}HERE${'b'.repeat(500)}`, 500).split('\n');

  expect(line!.length).toBeLessThan(130);
  expect(line!.slice(mark!.indexOf('^'))).toMatch(/^HEREb/);
});
