import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { useLeasedServices } from '../../../fixtures/harness/leased-services.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { isMissing, localRuntimes } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import type { Database } from './database.ts';
import type { Queryable } from './queryable.ts';
import { database } from './service.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

for (const runtime of localRuntimes) {
  describe.skipIf(await isMissing(runtime))(`a transaction on ${runtime}`, () => {
    const leased = useLeasedServices(runtime, [database]);
    let db: Database;

    beforeEach(async () => {
      db = leased.services.database;
      await db.query('CREATE TABLE notes (id int PRIMARY KEY)');
    });

    const notes = async (): Promise<unknown[]> => {
      const rows = await db.query<{ id: number }>('SELECT id FROM notes ORDER BY id');
      return rows.map(({ id }) => id);
    };

    test('commits what is done in it, and nothing when it throws', async () => {
      await db.transaction((tx) => tx.query('INSERT INTO notes VALUES (1)'));
      const failed = db.transaction(async (tx) => {
        await tx.query('INSERT INTO notes VALUES (2)');
        throw new Error('no');
      });

      await expect(failed).rejects.toThrow('no');
      expect(await notes()).toEqual([1]);
    });

    test('rolls an inner transaction back alone', async () => {
      await db.transaction(async (tx) => {
        await tx.query('INSERT INTO notes VALUES (1)');
        const inner = tx.transaction(async (nested) => {
          await nested.query('INSERT INTO notes VALUES (2)');
          await nested.transaction((deepest) => deepest.query('INSERT INTO notes VALUES (3)'));
          await nested.query('INSERT INTO notes VALUES (1)');
        });
        await expect(inner).rejects.toThrow('duplicate key');
        await tx.query('INSERT INTO notes VALUES (4)');
      });

      expect(await notes()).toEqual([1, 4]);
    });

    test('carries inner transactions that are begun together out one after the other', async () => {
      await db.transaction((tx) =>
        Promise.allSettled([
          tx.transaction((one) => one.query('INSERT INTO notes VALUES (1)')),
          tx.transaction((two) => two.query('INSERT INTO nowhere VALUES (2)')),
          tx.transaction((three) => three.query('INSERT INTO notes VALUES (3)')),
          tx.query('INSERT INTO notes VALUES (4)'),
        ]),
      );

      expect(await notes()).toEqual([1, 3, 4]);
    });

    test('says so where a statement failed whose failure nobody passed on, and nothing was committed', async () => {
      const swallowed = db.transaction(async (tx) => {
        await tx.query('INSERT INTO notes VALUES (1)');
        await tx.query('SELECT nothing').catch(() => {});
      });

      await expect(swallowed).rejects.toMatchObject({ code: 'MAYFLY_STATE_REFUSED', service: 'database' });
      expect(await notes()).toEqual([]);
    });

    test.each(['throws', 'returns'] as const)(
      'refuses what comes after the work that %s, in it and in a part of it',
      async (way) => {
        const late: Queryable[] = [];
        const work = db.transaction(async (tx) => {
          await tx.transaction(async (inner) => {
            late.push(tx, inner);
          });
          if (way === 'throws') {
            throw new Error('no');
          }
        });
        await work.catch(() => {});

        for (const tx of late) {
          const over = { code: 'MAYFLY_STATE_REFUSED', message: expect.stringContaining('is over') };
          await expect(tx.query('INSERT INTO notes VALUES (2)')).rejects.toMatchObject(over);
          await expect(tx.transaction((inner) => inner.query('INSERT INTO notes VALUES (3)'))).rejects.toMatchObject(
            over,
          );
        }
        expect(await notes()).toEqual([]);
      },
    );

    test('ends after a part of it that nobody waits for', async () => {
      let part: Promise<unknown> = Promise.resolve();
      await db.transaction(async (tx) => {
        part = tx.transaction(async (inner) => {
          await inner.query('INSERT INTO notes VALUES (1)');
          await inner.query('INSERT INTO notes VALUES (1)');
        });
        part.catch(() => {});
      });

      await expect(part).rejects.toThrow('duplicate key');
      expect(await notes()).toEqual([]);
    });

    test('refuses in a transaction what comes after a part of it that was rolled back', async () => {
      await db.transaction(async (tx) => {
        const late: Queryable[] = [];
        const failed = tx.transaction(async (inner) => {
          late.push(inner);
          throw new Error('no');
        });
        await expect(failed).rejects.toThrow('no');
        await expect(late[0]!.query('INSERT INTO notes VALUES (1)')).rejects.toThrow('is over');
        await tx.query('INSERT INTO notes VALUES (2)');
      });

      expect(await notes()).toEqual([2]);
    });
  });
}
