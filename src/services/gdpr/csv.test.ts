import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toCsv, type CsvRow } from './csv.ts';

test('has names first, and quotes only what must be', () => {
  expect(
    toCsv([
      { id: '1', note: 'plain' },
      { id: '2', note: 'a "b", c\nd' },
    ]),
  ).toBe('id,note\r\n1,plain\r\n2,"a ""b"", c\nd"\r\n');
});

test('tells what is null from what is empty', () => {
  expect(toCsv([{ a: null, b: '' }])).toBe('a,b\r\n,""\r\n');
});

test('is empty without rows', () => {
  expect(toCsv([])).toBe('');
});

test('reads back as it was written', () => {
  const name = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('"', ',', '\r', '\n', ' ', 'a,b'));
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', ' ') }),
    fc.constant(null),
  );
  const tables = fc
    .uniqueArray(name, { minLength: 1, maxLength: 5 })
    .chain((names) => fc.array(fc.tuple(...names.map(() => value)), { minLength: 1 }).map((rows) => ({ names, rows })));

  fc.assert(
    fc.property(tables, ({ names, rows }) => {
      const written: CsvRow[] = rows.map((row) =>
        Object.fromEntries(names.map((one, index) => [one, row[index] ?? null])),
      );
      const order = Object.keys(written[0] ?? {});
      expect(read(toCsv(written))).toEqual([order, ...written.map((row) => order.map((one) => row[one]))]);
    }),
    { numRuns: 500 },
  );
});

/** Reads CSV by the grammar of RFC 4180, one character after the other; nothing between separators is null. */
function read(csv: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  let at = 0;
  while (at < csv.length) {
    let field: string | null = null;
    if (csv[at] === '"') {
      field = '';
      at += 1;
      while (csv[at] !== '"' || csv[at + 1] === '"') {
        field += csv[at];
        at += csv[at] === '"' ? 2 : 1;
      }
      at += 1;
    } else {
      const end = /,|\r\n/.exec(csv.slice(at))?.index ?? Number.NaN;
      field = end === 0 ? null : csv.slice(at, at + end);
      at += end;
      if (/["\r\n]/.test(field ?? '')) {
        throw new Error('a field holds what must be quoted');
      }
    }
    record.push(field);
    if (csv[at] === ',') {
      at += 1;
    } else {
      // A line that ends otherwise shifts all that comes behind it.
      at += 2;
      records.push(record);
      record = [];
    }
  }
  return records;
}
