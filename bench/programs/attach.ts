/** The milliseconds to the first lease: of an environment that runs, or of a new one on the runtime that is named. */
import { attachEnvironment, startEnvironment, type RuntimeName } from 'mayfly';
import { migrateShop } from '../shop.ts';

const [, , how] = process.argv;
const begun = performance.now();
await using environment =
  how === 'attach'
    ? attachEnvironment()
    : await startEnvironment({ migrations: migrateShop }, { runtime: how as RuntimeName });
await using lease = await environment.lease();
console.log(performance.now() - begun);
await lease.release();
