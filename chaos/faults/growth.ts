import { join } from 'node:path';
import type { Fault } from '../fault.ts';
import type { ChaosRuntime } from '../runtimes.ts';
import { describeEnd } from './victim.ts';

const program = join(import.meta.dirname, '..', 'programs', 'many-starts.ts');

/** By how much the heap may grow for each start, in bytes: what stays is less than one of its timelines. */
const heapForEach = 8 * 1024;

/** On top of that once, in bytes: what the engine compiles and caches as it goes. */
const heapOnce = 2 * 2 ** 20;

interface Growth {
  readonly starts: number;
  readonly files: number;
  readonly children: number;
  readonly listeners: number;
  readonly heap: number;
}

interface Amount {
  readonly whole: number;
  readonly short: number;
}

/** Many environments of one process, one after the other or beside each other: nothing of it may grow. */
function many(id: string, runtime: ChaosRuntime, times: Amount, atOnce: number): Fault {
  const how = atOnce === 1 ? 'one after the other' : `${atOnce} at a time`;
  return {
    id,
    injected: `${times.whole} starts and stops in one process, ${how}`,
    runtimes: [runtime],
    rounds: { whole: 1, short: 1 },
    sees: ['exit 0, nothing grew'],
    inject: async (trial) => {
      const { project } = trial.home;
      const parameters = [trial.isShort ? times.short : times.whole, atOnce].map(String);
      const running = project.spawn(process.execPath, ['--expose-gc', program, ...parameters], {
        env: { ...trial.variables },
      });
      const end = await running.end;
      trial.end();
      return end.exitCode === 0 ? `exit 0, ${describeGrowth(JSON.parse(end.stdout) as Growth)}` : describeEnd(end);
    },
  };
}

function describeGrowth({ starts, heap, ...counts }: Growth): string {
  const grown = Object.entries(counts).filter(([, more]) => more > 0);
  const bound = heapOnce + starts * heapForEach;
  const all = [
    ...grown.map(([what, more]) => `${more} more ${what}`),
    ...(heap > bound ? [`${heap} more bytes of heap, where ${bound} are allowed`] : []),
  ];
  return all.length === 0 ? 'nothing grew' : `${all.join(', ')} after ${starts} starts`;
}

export const growth: readonly Fault[] = [
  many('many-starts', 'embedded', { whole: 200, short: 8 }, 1),
  many('many-starts-docker', 'docker', { whole: 20, short: 2 }, 1),
  many('many-at-once', 'embedded', { whole: 80, short: 8 }, 8),
  many('many-at-once-docker', 'docker', { whole: 16, short: 8 }, 8),
];
