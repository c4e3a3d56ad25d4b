/** Says whether the table in docs/chaos.md names every fault that there is, and no other. */
import { staleFaults } from './fault-table.ts';

const stale = await staleFaults();
if (stale.length > 0) {
  const only = stale.map((fault) => fault.replaceAll('`', '')).join(' --only ');
  console.error(`docs/chaos.md does not say what chaos/faults.ts does: run \`npm run chaos -- --only ${only}\`.`);
  process.exitCode = 1;
}
