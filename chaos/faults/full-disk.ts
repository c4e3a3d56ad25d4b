import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { canMount, mount } from '../../fixtures/harness/mount.ts';
import type { Fault } from '../fault.ts';
import { describeEnd, Victim } from './victim.ts';

const block = Buffer.alloc(2 ** 20);

/** Which step it was that found no room. */
const codes = [
  'MAYFLY_DISK_UNUSABLE',
  'MAYFLY_SERVICE_START_FAILED',
  'MAYFLY_SERVER_EXITED',
  'MAYFLY_SERVER_NOT_READY',
  'MAYFLY_SERVER_DIED',
  'MAYFLY_POSTGRES_UNREACHABLE',
  'MAYFLY_MIGRATION_FAILED',
];

/** The servers' data on a disk of their own, on which there is no room any longer, also while they are taken away. */
export const fullDisk: Fault = {
  id: 'data-disk-full',
  injected:
    'the disk with the servers’ data, of 200 MiB, is filled up at a random moment of start or run, or as teardown begins',
  runtimes: ['embedded'],
  isPossible: canMount,
  rounds: { whole: 10, short: 1 },
  // Without a code where Postgres says of one statement that there is no room.
  sees: ['exit 0', 'exit 1', ...codes.map((code) => `exit 1 ${code}`)],
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
    return describeEnd(end);
  },
};

/** A file that takes up room, and is not taken for something that was left. */
async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, 'wx');
  await unlink(path);
  return file;
}

async function fill(file: FileHandle): Promise<void> {
  try {
    for (;;) {
      await file.write(block);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
      throw error;
    }
  }
}
