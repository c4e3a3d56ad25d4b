import { main } from '../../fixtures/cli/project.ts';
import type { Fault } from '../fault.ts';
import { describeEnd } from './victim.ts';
import { withMigrations } from './with-migrations.ts';

/** What `mayfly up` keeps in the background. */
export const background: Fault = {
  id: 'background-killed',
  injected: 'SIGKILL to what `mayfly up` keeps in the background, at a random moment; then `mayfly status`',
  runtimes: ['docker', 'embedded'],
  rounds: { whole: 5, short: 1 },
  sees: ['exit 3'],
  inject: async (trial) => {
    const { project } = trial.home;
    await project.write('mayfly.config.ts', withMigrations);
    const up = await project.run('up');
    if (up.exitCode !== 0) {
      throw new Error(`mayfly up failed: ${up.stderr}`);
    }
    await trial.randomMoment({ end: new Promise(() => {}) });
    const keeper = project.processes().find(({ command }) => command.includes(`${main} serve`));
    process.kill(keeper?.pid ?? Number.NaN, 'SIGKILL');
    trial.end();
    return describeEnd(await project.run('status'));
  },
};
