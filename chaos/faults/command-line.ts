import type { Running } from '../../fixtures/cli/running.ts';
import type { Fault } from '../fault.ts';
import type { ChaosRuntime } from '../runtimes.ts';
import type { Trial } from '../trial.ts';
import { describeEnd } from './victim.ts';
import { withMigrations } from './with-migrations.ts';

const runtimes: readonly ChaosRuntime[] = ['docker', 'embedded'];
const rounds = { whole: 5, short: 1 };
const ctrlC = '\u0003';

/** `mayfly run`, disturbed at a random moment from its first word on, or from its command's; with how it ended. */
async function disturb(
  trial: Trial,
  start: (parameters: string[]) => Running,
  how: (running: Running) => void,
): Promise<string> {
  await trial.home.project.write('mayfly.config.ts', withMigrations);
  // Longer than it is waited for, where nothing ends it.
  const seconds = trial.isUndisturbed ? 0.5 : 60;
  const running = start(['run', '--', 'sh', '-c', `echo begun; exec sleep ${seconds}`]);
  await running.printed(/./, running.child.spawnargs.includes('python3') ? 'stdout' : 'stderr');
  if (!trial.isUndisturbed && trial.random() < 0.5) {
    await running.printed(/begun/);
  }
  await trial.randomMoment(running);
  trial.phase = running.text('stdout').includes('begun') ? 'the command' : 'the start';
  how(running);
  const end = await running.end;
  trial.end();
  return describeEnd(end);
}

const killed: Fault = {
  id: 'run-killed',
  injected: 'SIGKILL to `mayfly run` at a random moment of the start or the command',
  runtimes,
  rounds,
  sees: ['SIGKILL'],
  lives: 'mayfly run',
  inject: (trial) =>
    disturb(
      trial,
      (parameters) => trial.home.project.start(parameters),
      (each) => {
        each.kill('SIGKILL');
        // Its command has its standard output, and is to end as well.
        trial.end();
      },
    ),
};

const interrupted: Fault = {
  id: 'run-ctrl-c',
  injected: 'Ctrl-C in the terminal of `mayfly run` at a random moment of the start or the command',
  runtimes,
  rounds,
  sees: ['exit 130'],
  lives: 'mayfly run on a terminal',
  inject: (trial) =>
    disturb(
      trial,
      (parameters) => trial.home.project.startOnTerminal(parameters),
      (each) => each.type(ctrlC),
    ),
};

const closed: Fault = {
  id: 'terminal-closed',
  injected: 'the terminal of `mayfly run` is closed at a random moment of the start or the command',
  runtimes,
  rounds,
  sees: ['nothing'],
  lives: 'mayfly run on a terminal',
  inject: async (trial) => {
    await disturb(
      trial,
      (parameters) => trial.home.project.startOnTerminal(parameters),
      (each) => each.kill('SIGKILL'),
    );
    // There is nobody to whom anything could be shown.
    return 'nothing';
  },
};

export const commandLine: readonly Fault[] = [killed, interrupted, closed];
