/** Mayfly: an environment with Postgres and Redis, the migrations, and its end. The parameter is the runtime. */
import type { RuntimeName } from 'mayfly';
import { migrateAt } from '../migrations.ts';
import { printTimes } from '../times.ts';

const { startEnvironment } = await import('mayfly');
const begun = performance.now();
await using environment = await startEnvironment({}, { runtime: process.argv[2] as RuntimeName });
await migrateAt(environment.details.postgres.url);
const ready = performance.now();

await environment.stop();
printTimes({ start: ready - begun, stop: performance.now() - ready });
