import { removeContainersOf } from '../../fixtures/harness/docker-leftovers.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import type { Fault } from '../fault.ts';
import type { Trial } from '../trial.ts';
import { describeEnd, Victim } from './victim.ts';

type Signal = 'SIGKILL' | 'SIGTERM';

/** A server that ends while leases of it are held, and then its owner. */
function serverKilled(service: 'postgres' | 'redis', signal: Signal): Fault {
  return {
    id: `${service}-killed-then-${signal.toLowerCase()}`,
    injected: `SIGKILL to ${service} while a lease is held, and ${signal} to the owner within a second`,
    runtimes: ['docker', 'embedded'],
    rounds: { whole: 3, short: 1 },
    sees: [signal],
    inject: (trial) => breakThenEnd(trial, signal, async (victim) => killServer(victim.placeOf(service))),
  };
}

function containersRemoved(signal: Signal): Fault {
  return {
    id: `containers-removed-then-${signal.toLowerCase()}`,
    injected: `\`docker rm --force\` of both containers while a lease is held, and ${signal} to the owner within a second`,
    runtimes: ['docker'],
    rounds: { whole: 3, short: 1 },
    sees: [signal],
    inject: (trial) => breakThenEnd(trial, signal, async ({ session }) => removeContainersOf([session])),
  };
}

async function breakThenEnd(trial: Trial, signal: Signal, breakIt: (victim: Victim) => Promise<void>): Promise<string> {
  const victim = new Victim(trial, 'hold');
  await victim.begins('held');
  trial.home.look();
  await breakIt(victim);
  await trial.randomMoment(victim.running);
  victim.running.kill(signal);
  const end = await victim.running.end;
  trial.end();
  return describeEnd(end);
}

export const servers: readonly Fault[] = [
  serverKilled('postgres', 'SIGKILL'),
  serverKilled('postgres', 'SIGTERM'),
  serverKilled('redis', 'SIGKILL'),
  serverKilled('redis', 'SIGTERM'),
  containersRemoved('SIGKILL'),
  containersRemoved('SIGTERM'),
];
