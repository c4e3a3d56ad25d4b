import { join } from 'node:path';
import type { Finished } from '../../fixtures/cli/running.ts';
import { fill, openNameless } from '../../fixtures/harness/fill-disk.ts';
import { canMount, mount } from '../../fixtures/harness/mount.ts';
import type { Fault } from '../fault.ts';
import { describeEnd, Victim } from './victim.ts';

/** The servers' data on a disk of their own, on which there is no room any longer, also while they are taken away. */
export const fullDisk: Fault = {
  id: 'data-disk-full',
  injected:
    'the disk with the servers’ data, of 200 MiB, is filled up at a random moment of start or run, or as teardown begins',
  runtimes: ['embedded'],
  isPossible: canMount,
  rounds: { whole: 10, short: 1 },
  sees: [
    'exit 0',
    'exit 1 MAYFLY_DISK_UNUSABLE',
    'exit 1 MAYFLY_LEASE_RETURN_FAILED for MAYFLY_DISK_UNUSABLE',
    // What users write is refused in the server's own words.
    'exit 1 MAYFLY_MIGRATION_FAILED',
    'exit 1 in a statement of a test',
  ],
  lives: 'a victim on a small disk, up to its teardown',
  inject: async (trial) => {
    const { home } = trial;
    const disk = mount(home.project.data, 'size=200m');
    const filler = await openNameless(join(home.project.data, 'filler'));
    home.keep({
      [Symbol.asyncDispose]: async () => {
        await filler.close();
        disk[Symbol.dispose]();
      },
    });
    const victim = new Victim(trial);
    await victim.begins('start');
    await trial.randomMoment({ end: victim.begins('teardown') });
    trial.phase = victim.phase;
    await fill(filler);
    const end = await victim.running.end;
    trial.end();
    return describe(end);
  },
};

function describe(end: Finished): string {
  const saw = describeEnd(end);
  const isWrapped = saw.endsWith('MAYFLY_LEASE_RETURN_FAILED') && end.stderr.includes('MAYFLY_DISK_UNUSABLE');
  return isWrapped ? `${saw} for MAYFLY_DISK_UNUSABLE` : saw;
}
