import type { Running } from '../../fixtures/cli/running.ts';
import type { Fault } from '../fault.ts';
import type { Trial } from '../trial.ts';
import { describeEnd } from './victim.ts';
import { withMigrations } from './with-migrations.ts';

const rounds = { whole: 4, short: 1 };
const ctrlC = '\u0003';

/** How a run of vitest is disturbed: by what is typed, or by a signal to its main process. */
type Disturbance = 'Ctrl-C' | 'SIGINT' | 'SIGTERM' | 'SIGKILL';

function disturbed(mode: 'run' | 'watch', how: Disturbance, sees: readonly string[]): Fault {
  return {
    id: `vitest-${mode}-${how.toLowerCase()}`,
    injected: `${how} to \`vitest ${mode}\` at a random moment`,
    runtimes: ['docker', 'embedded'],
    rounds,
    sees,
    lives: `vitest ${mode}`,
    inject: async (trial) => {
      const running = await start(trial, mode);
      await trial.randomMoment({ end: mode === 'run' ? running.end : running.printed(/Waiting for file changes/) });
      if (how === 'Ctrl-C') {
        running.type(ctrlC);
      } else {
        mainProcesses(trial).forEach((pid) => process.kill(pid, how));
      }
      const end = await running.end;
      trial.end();
      return describeEnd(end);
    },
  };
}

/** On a terminal, where it shows all that it shows to people. */
async function start({ home: { project } }: Trial, mode: string): Promise<Running> {
  await project.copy('vitest/bookings');
  await project.write('mayfly.config.ts', withMigrations);
  const running = project.vitestOnTerminal(mode);
  await running.printed(/RUN|DEV/);
  return running;
}

/** Vitest itself, apart from the terminal that it runs in; either may lie in a directory with spaces. */
function mainProcesses({ home: { project } }: Trial): number[] {
  return project
    .processes()
    .filter(({ command }) => /vitest\.mjs (run|watch)/.test(command) && !command.includes('terminal.py'))
    .map(({ pid }) => pid);
}

const worker: Fault = {
  id: 'vitest-worker-killed',
  injected: 'SIGKILL to a worker of vitest while it holds a lease; the run goes on to its end',
  runtimes: ['docker', 'embedded'],
  rounds: { whole: 3, short: 1 },
  sees: ['exit 1'],
  inject: async (trial) => {
    const { project } = trial.home;
    await project.copy('vitest/bookings');
    await project.copy('vitest/killed');
    await project.write('mayfly.config.ts', withMigrations);
    const end = await project.vitest('run', '--pool', 'forks');
    trial.end();
    return describeEnd(end);
  },
};

export const vitest: readonly Fault[] = [
  // 1 where vitest cancels the tests that are under way.
  disturbed('run', 'Ctrl-C', ['exit 130', 'exit 1', 'exit 0']),
  disturbed('run', 'SIGINT', ['exit 130', 'exit 0']),
  disturbed('run', 'SIGTERM', ['exit 143', 'exit 0']),
  disturbed('run', 'SIGKILL', ['exit 137', 'exit 0']),
  disturbed('watch', 'Ctrl-C', ['exit 130', 'exit 1', 'exit 0']),
  disturbed('watch', 'SIGINT', ['exit 130', 'exit 0']),
  disturbed('watch', 'SIGTERM', ['exit 143', 'exit 0']),
  disturbed('watch', 'SIGKILL', ['exit 137']),
  worker,
];
