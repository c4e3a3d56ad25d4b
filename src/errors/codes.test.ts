import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from './codes.ts';

const source = join(import.meta.dirname, '..');
const text = globSync('**/*.ts', { cwd: source, exclude: ['**/*.test.ts', '**/*.test-d.ts', 'errors/codes.ts'] })
  .map((path) => readFileSync(join(source, path), 'utf8'))
  .join('\n');
const codes = Object.keys(errorCodes);

test('every code is used by the sources', () => {
  expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});

test('what each code means is said in one sentence', () => {
  expect(Object.values(errorCodes).filter((meaning) => !/^[A-Z`][^\n]*\.$/.test(meaning))).toEqual([]);
});
