/** Prints how long connecting, telling and asking take, in milliseconds, as JSON. It measures; it does not judge. */
import { startEnvironment } from 'mayfly';
import { connectWebSocket, uniqueNames } from 'mayfly/testkit';
import { workflowEvent } from './events.ts';
import { factories } from './factories.ts';
import { ManualClock } from './manual-clock.ts';
import definition from './mayfly.config.ts';
import { runsOf } from './runs.ts';
import { Scheduler } from './scheduler.ts';

const rounds = 100;

const environment = await startEnvironment(definition);
const lease = await environment.lease({ name: 'measure' });
const { pool, services } = lease;
const clock = new ManualClock();
const make = factories(pool, clock, uniqueNames(import.meta.filename));
const scheduler = new Scheduler(pool, clock.now);
const { name, everySeconds } = await make.schedule();
const url = services.live.websocketUrl(`/schedules/${name}/events`);

const connect = await measured(async () => {
  const client = await connectWebSocket(url);
  return () => client.close();
});

const client = await connectWebSocket(url, { schema: workflowEvent });
const delivery = await measured(async () => {
  // From before the transaction that tells it until the subscriber has it.
  await scheduler.startDue();
  await client.next();
  clock.advance({ seconds: everySeconds });
});

const query = await measured(async () => {
  await runsOf(pool, name);
});

await client.close();
await lease.release();
await environment.stop();

console.log(JSON.stringify({ unit: 'ms', rounds, connect, delivery, query }, undefined, 2));

/** Once without counting; what the work gives back is done outside of the measurement. */
async function measured(work: () => Promise<(() => Promise<unknown>) | void>) {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const begun = performance.now();
    const after = await work();
    times.push(performance.now() - begun);
    await after?.();
  }
  const sorted = times.slice(1).toSorted((a, b) => a - b);
  const quantile = (part: number) => Number(sorted[Math.ceil(part * sorted.length) - 1]?.toFixed(2));
  return { median: quantile(0.5), p95: quantile(0.95), max: quantile(1) };
}
