import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ServedApp } from 'mayfly/testkit';
import type { Platform } from './platform.ts';

/** What was measured. What is too much is not said here: that depends on the machine. */
export interface Figure {
  readonly work: string;
  readonly unit: 'ms' | 'MB';
  readonly median: number;
  readonly worst: number;
  readonly samples: number;
}

/** A platform of the measurement's own. */
export interface Measured {
  readonly platform: Platform;
  readonly site: ServedApp;
}

export interface Measurement {
  readonly work: string;
  readonly unit: Figure['unit'];
  /** How often it is measured, after it was done as often without being measured. */
  readonly samples: number;
  readonly prepare?: (on: Measured) => Promise<unknown>;
  /** Gives a sample. */
  readonly measure: (on: Measured) => Promise<number>;
}

/** How much there is of everything. */
export interface Sizes {
  readonly samples: number;
  readonly publishers: number;
  readonly stored: number;
  readonly iterations: number;
}

const usual: Sizes = { samples: 30, publishers: 50, stored: 1_000, iterations: 1_000 };

export function measurements({ samples, publishers, stored, iterations }: Sizes = usual): readonly Measurement[] {
  return [
    {
      work: 'one publication',
      unit: 'ms',
      samples,
      measure: async ({ site }) => duration(async () => publish(site)),
    },
    {
      work: `one of ${publishers} publications at the same time, on average`,
      unit: 'ms',
      samples,
      measure: async ({ site }) => {
        const publishing = async () => Promise.all(Array.from({ length: publishers }, async () => publish(site)));
        return (await duration(publishing)) / publishers;
      },
    },
    {
      work: `a query of ${stored} events`,
      unit: 'ms',
      samples,
      prepare: async ({ platform: { store } }) =>
        store.write(async ({ append }) => {
          for (let number = 1; number <= stored; number += 1) {
            await append({ aggregate: 'door:1', type: 'door.opened', payload: { number } });
          }
        }),
      measure: async ({ site }) =>
        duration(async () => {
          const answer = await site.fetch(`/events?aggregate=door:1&limit=${stored}`);
          expectAll(stored, ((await answer.json()) as unknown[]).length);
        }),
    },
    {
      work: `growth of the heap over ${iterations} publications and queries`,
      unit: 'MB',
      samples: 1,
      measure: async ({ site }) => {
        const before = heapUsed();
        for (let iteration = 1; iteration <= iterations; iteration += 1) {
          await publish(site);
          await (await site.fetch('/events?limit=1')).json();
        }
        return (heapUsed() - before) / 1024 ** 2;
      },
    },
  ];
}

export async function measure({ work, unit, samples, prepare, measure }: Measurement, on: Measured): Promise<Figure> {
  await prepare?.(on);
  const taken: number[] = [];
  for (let sample = 1; sample <= 2 * samples; sample += 1) {
    const value = await measure(on);
    if (sample > samples) {
      taken.push(value);
    }
  }
  const sorted = taken.toSorted((a, b) => a - b);
  return { work, unit, median: sorted[Math.floor(samples / 2)] ?? 0, worst: sorted.at(-1) ?? 0, samples };
}

let published = 0;

/** To an aggregate of its own, so that nobody waits for anybody. */
async function publish(site: ServedApp): Promise<void> {
  published += 1;
  const event = { aggregate: `door:${published}`, type: 'door.opened' };
  const answer = await site.fetch('/events', { method: 'POST', body: JSON.stringify(event) });
  await answer.json();
  expectAll(201, answer.status);
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** What went wrong is not a figure. */
function expectAll(expected: number, found: number): void {
  if (found !== expected) {
    throw new Error(`There should have been ${expected}, and there was ${found}.`);
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** In bytes, without what is garbage already. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
