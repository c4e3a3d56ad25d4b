/**
 * What is to be disturbed: starts an environment, has several tests at a time take leases, and takes everything away, and
 * says on standard output when each begins. With `hold` it goes on holding a lease until it is asked to end.
 */
import { join } from 'node:path';
import { startEnvironment } from 'mayfly';
import type { Pool } from 'pg';

const atOnce = 3;
const each = 5;

say('start');
const environment = await startEnvironment({ migrations: join(import.meta.dirname, '..', 'migrations') });
const places = Object.fromEntries(Object.entries(environment.details).map(([name, { place }]) => [name, place]));
say('run', { session: environment.session, ...places });
if (process.argv[2] === 'hold') {
  await environment.lease({ name: 'held' });
  say('held');
  setInterval(() => {}, 60_000);
} else {
  await Promise.all(Array.from({ length: atOnce }, (_, test) => useLeases(test)));
  say('teardown');
  await environment.stop();
  say('over');
}

/** As tests do: some look, some write, some change what only a new copy puts right. */
async function useLeases(test: number): Promise<void> {
  for (let round = 0; round < each; round += 1) {
    await using lease = await environment.lease({ name: `test ${test}.${round}` });
    await ask(lease.pool, 'SELECT count(*) FROM seat');
    if (round % 3 > 0) {
      await ask(lease.pool, `INSERT INTO booking (seat, guest) VALUES (${round}, 'Ada')`);
    }
    if (round % 3 === 2) {
      await ask(lease.pool, 'CREATE TABLE extra AS SELECT * FROM seat');
    }
  }
}

/** What a test itself asks: whatever goes wrong is told in the words of the driver. */
async function ask(pool: Pool, statement: string): Promise<void> {
  try {
    await pool.query(statement);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ refused: statement })}\n`);
    throw error;
  }
}

function say(phase: string, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ phase, ...more })}\n`);
}
