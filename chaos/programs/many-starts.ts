/**
 * Starts and stops environments again and again, as many as its second argument says at the same time, until there were as
 * many as its first one says. Prints what of this process has grown since the first few. Needs --expose-gc.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { startEnvironment } from 'mayfly';

const [, , times, atOnce] = process.argv.map(Number);
const rounds = (times ?? 1) / (atOnce ?? 1);
const warm = Math.min(5, Math.ceil(rounds / 4));

for (let round = 0; round < warm; round += 1) {
  await startAndStop();
}
const before = await look();
for (let round = 0; round < rounds; round += 1) {
  await startAndStop();
}
const after = await look();
const growth = Object.entries(after).map(([what, amount]) => [what, amount - (before[what] ?? 0)] as const);
process.stdout.write(JSON.stringify({ starts: rounds * (atOnce ?? 1), ...Object.fromEntries(growth) }));
// Idle connections of the Docker client would keep it for seconds.
process.exit();

async function startAndStop(): Promise<void> {
  const environments = await Promise.all(Array.from({ length: atOnce ?? 1 }, () => startEnvironment()));
  await Promise.all(environments.map((environment) => environment.stop()));
}

async function look(): Promise<Record<string, number>> {
  await setImmediate();
  global.gc?.();
  global.gc?.();
  return {
    files: readdirSync('/proc/self/fd').length,
    children: readFileSync('/proc/thread-self/children', 'utf8')
      .trim()
      .split(' ')
      .filter((pid) => pid !== '').length,
    listeners: process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0),
    heap: process.memoryUsage().heapUsed,
  };
}
