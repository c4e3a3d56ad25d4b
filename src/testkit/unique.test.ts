import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tenantId, tenantSlug } from '../services/database/identifiers.ts';
import { factories } from './data/factories.ts';
import { fakeData } from './data/fake-data.ts';
import { uniqueParts } from './unique.ts';

const run = promisify(execFile);

describe('without a seed', () => {
  test('suffixes of any number of makers are unlike each other, and fit into a slug', () => {
    const makers = Array.from({ length: 50 }, () => uniqueParts());
    const made = makers.flatMap((maker) => Array.from({ length: 20 }, () => maker.suffix()));

    expect(new Set(made).size).toBe(1_000);
    expect(made.filter((suffix) => !tenantSlug.safeParse(suffix).success)).toEqual([]);
  });

  test('so are those of two processes that vitest gave the same number', async () => {
    const program = `
      import { uniqueParts } from '${join(import.meta.dirname, 'unique.ts')}';
      console.log(uniqueParts().suffix());`;
    const suffixOf = async (): Promise<string> => {
      const env = { ...process.env, VITEST_POOL_ID: '1' };
      return (await run(process.execPath, ['--input-type=module', '--eval', program], { env })).stdout;
    };
    const [one, two] = await Promise.all([suffixOf(), suffixOf()]);

    expect(one).toMatch(/^1-/);
    expect(two).not.toBe(one);
  });
});

describe('with a seed', () => {
  const whole = (seed: number): unknown => {
    const make = factories(uniqueParts(seed), fakeData(seed));
    return [make.tenant, make.event, make.transaction, make.ticket, make.registration].map((one) => one.buildList(3));
  };

  test('everything is the same each time, times included', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(whole(seed)).toEqual(whole(seed));
      }),
      { numRuns: 20 },
    );
  });

  test('another seed gives something else, and no identifier comes twice', () => {
    expect(whole(1)).not.toEqual(whole(2));

    const unique = uniqueParts(7);
    const ids = Array.from({ length: 1_000 }, () => unique.id(tenantId));
    expect(new Set(ids).size).toBe(1_000);
  });

  test("is not disturbed by anybody else's use of the library", async () => {
    const { faker } = await import('@faker-js/faker/locale/en');
    const { faker: own } = fakeData(7);
    const first = own.number.int();

    const again = fakeData(7).faker;
    faker.seed(1);
    faker.number.int();

    expect(again.number.int()).toBe(first);
  });
});
