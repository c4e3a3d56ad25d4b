/** Measures the platform on servers of its own, and prints a table, or JSON with `--json`. It judges nothing. */
import { parseArgs } from 'node:util';
import { startEnvironment } from 'mayfly';
import definition from './mayfly.config.ts';
import { measure, measurements, type Figure } from './measurements.ts';

const { json } = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values;

await using environment = await startEnvironment(definition);
const { runtime } = environment.details.postgres;

const figures: Figure[] = [];
for (const measurement of measurements()) {
  await using lease = await environment.lease({ name: measurement.work });
  figures.push(await measure(measurement, lease.services));
}

if (json) {
  console.log(JSON.stringify({ runtime, node: process.version, at: new Date().toISOString(), figures }, null, 2));
} else {
  console.table(
    figures.map(({ work, unit, median, worst, samples }) => ({
      work,
      median: `${median.toFixed(1)} ${unit}`,
      worst: `${worst.toFixed(1)} ${unit}`,
      samples,
    })),
  );
}
