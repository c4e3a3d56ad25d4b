import { join } from 'node:path';
import type { Images } from '../images.ts';
import type { Times } from '../times.ts';
import type { Workbench } from '../workbench.ts';

const programs = join(import.meta.dirname, '..', 'programs');

/** Mayfly's times for an environment on this runtime, in a process of its own. */
export async function mayflyTimes(bench: Workbench, runtime: 'docker' | 'embedded'): Promise<Times> {
  return bench.program<Times>(join(programs, 'mayfly.ts'), [runtime]);
}

/** The times of testcontainers-node for the same, stopping one container after the other or both at once. */
export async function testcontainersTimes(
  bench: Workbench,
  { stock }: Images,
  stopping: 'in turn' | 'at once',
): Promise<Times> {
  const parameters = [stock.postgres, stock.redis, bench.label, stopping];
  // Ryuk, its reaper, would take it another half a second at the first container: without it is to the peer's advantage.
  const variables = { TESTCONTAINERS_RYUK_DISABLED: 'true' };
  return bench.program<Times>(join(programs, 'testcontainers.ts'), parameters, variables);
}
