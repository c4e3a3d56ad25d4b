import type { Fault } from '../fault.ts';
import { chaosRuntimes } from '../runtimes.ts';
import { describeEnd, Victim } from './victim.ts';

/** Where a program does not catch that a lease which it uses has been taken away: before a statement, or during one. */
const uncaught = ['exit 1 MAYFLY_LEASE_RELEASED', 'exit 1 in a statement of a test'];

/** A program that meets a signal at a random moment from the beginning of one of its phases to its end. */
function signal(id: string, name: NodeJS.Signals, from: 'start' | 'teardown', rounds: Fault['rounds']): Fault {
  return {
    id,
    injected: `${name} to the owner at a random moment of ${from === 'start' ? 'start, run or teardown' : 'teardown'}`,
    runtimes: chaosRuntimes,
    rounds,
    sees: [name, 'exit 0', ...(name === 'SIGKILL' ? [] : uncaught)],
    lives: `a victim from its ${from}`,
    inject: async (trial) => {
      const victim = new Victim(trial);
      await victim.begins(from);
      await trial.randomMoment(victim.running);
      trial.phase = victim.phase;
      victim.running.kill(name);
      const end = await victim.running.end;
      trial.end();
      return describeEnd(end);
    },
  };
}

export const signals: readonly Fault[] = [
  signal('owner-killed', 'SIGKILL', 'start', { whole: 220, short: 4 }),
  // So short that few of the others meet it.
  signal('owner-killed-in-teardown', 'SIGKILL', 'teardown', { whole: 20, short: 1 }),
  signal('owner-sigint', 'SIGINT', 'start', { whole: 10, short: 1 }),
  signal('owner-sigterm', 'SIGTERM', 'start', { whole: 10, short: 1 }),
  signal('owner-sighup', 'SIGHUP', 'start', { whole: 10, short: 1 }),
];
