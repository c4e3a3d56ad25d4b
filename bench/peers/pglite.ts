/** PGlite as its documentation has it: a Postgres of one connection inside the process, in memory; and the migrations. */
import { migrate } from '../migrations.ts';
import { printTimes } from '../times.ts';

const { PGlite } = await import('@electric-sql/pglite');
const begun = performance.now();
const database = new PGlite();
await migrate((sql) => database.exec(sql));
const ready = performance.now();

await database.close();
printTimes({ start: ready - begun, stop: performance.now() - ready });
