/** One worker of a suite: see suite.ts. Says that it is ready, and when told to go on runs its share of the tests. */
import { once } from 'node:events';
import { attachEnvironment } from 'mayfly';
import pg from 'pg';
import { buys, written } from '../shop.ts';

const tests = 400;
const [, , way = '', first, workers] = process.argv;
const url = process.env['DATABASE_URL'] ?? '';

type RunTest = (test: (db: pg.Pool) => Promise<void>) => Promise<void>;

/** A pool as an application has it, on this database. */
function openPool(database?: string): pg.Pool {
  return new pg.Pool({ connectionString: database === undefined ? url : url.replace(/[^/]*$/, database) });
}

/** The ways in which tests get their database. */
const ways: Record<string, (stack: AsyncDisposableStack) => RunTest> = {
  lease: (stack) => {
    const environment = stack.use(attachEnvironment());
    return async (test) => {
      await using lease = await environment.lease();
      await test(lease.pool);
    };
  },
  truncate: (stack) => {
    const pool = stack.adopt(openPool(), (opened) => opened.end());
    return async (test) => {
      await pool.query(`TRUNCATE ${written.join(', ')}`);
      await test(pool);
    };
  },
  copy: (stack) => {
    const admin = stack.adopt(openPool('template1'), (opened) => opened.end());
    return async (test) => {
      await admin.query(`CREATE DATABASE copy_${first} TEMPLATE postgres`);
      const pool = openPool(`copy_${first}`);
      await test(pool);
      await pool.end();
      await admin.query(`DROP DATABASE copy_${first}`);
    };
  },
};

await using stack = new AsyncDisposableStack();
const runTest = ways[way]?.(stack);
const told = once(process, 'message');
process.send?.('ready');
await told;
for (let number = Number(first); number < tests; number += Number(workers)) {
  await runTest?.((db) => buys(db, number));
}
process.send?.('done');
process.disconnect();
