import { setTimeout as pause } from 'node:timers/promises';
import { DockerProxy } from '../../fixtures/harness/docker-proxy.ts';
import type { Fault } from '../fault.ts';
import type { Trial } from '../trial.ts';
import { describeEnd, Victim } from './victim.ts';

/** How long it lasts at most, in milliseconds: longer than anything that the owner waits for the daemon. */
const longest = 12_000;

/** What the daemon does from a random moment of a run on, for a while. */
interface Trouble {
  begin(proxy: DockerProxy): Promise<void>;
  /** Resolves when it answers again; with what it then has to catch up with. */
  end(proxy: DockerProxy): Promise<{ readonly caughtUp: Promise<void> }>;
}

const hangs: Trouble = {
  begin: async (proxy) => void proxy.trouble('hang', /./),
  // What the owner waits for to the end of its run is among it.
  end: async (proxy) => ({ caughtUp: proxy.calm() }),
};

const isGone: Trouble = {
  begin: (proxy) => proxy.goAway(),
  end: async (proxy) => {
    await proxy.comeBack();
    return { caughtUp: Promise.resolve() };
  },
};

async function disturb(trial: Trial, trouble: Trouble): Promise<string> {
  const { home, variables } = trial;
  const proxy = await DockerProxy.open({ path: home.project.path('..', 'docker.sock') });
  home.keep(proxy);
  const victim = new Victim({ home, variables: { ...variables, DOCKER_HOST: proxy.url } });
  await victim.begins('start');
  await trial.randomMoment({ end: victim.begins('teardown') });
  trial.phase = victim.phase;
  await trouble.begin(proxy);
  if (!trial.isUndisturbed && trial.random() < 0.5) {
    victim.running.kill('SIGKILL');
  }
  await pause(trial.isUndisturbed ? 0 : trial.random() * longest);
  const { caughtUp } = await trouble.end(proxy);
  const end = await victim.running.end;
  trial.end();
  // Until then there may be nothing because it has yet to be made.
  await caughtUp;
  return describeEnd(end);
}

function troubled(id: string, what: string, trouble: Trouble): Fault {
  return {
    id,
    injected: `${what} for up to 12 s from a random moment of start or run on, or as teardown begins; with SIGKILL to the owner, or without`,
    runtimes: ['docker'],
    rounds: { whole: 10, short: 1 },
    sees: ['SIGKILL', 'exit 0', 'exit 1 MAYFLY_DOCKER_UNAVAILABLE', 'exit 1 MAYFLY_TEARDOWN_FAILED'],
    lives: 'a victim behind a proxy, up to its teardown',
    inject: (trial) => disturb(trial, trouble),
  };
}

export const dockerTrouble: readonly Fault[] = [
  troubled('docker-api-hangs', 'the API of Docker hangs', hangs),
  troubled('docker-daemon-gone', 'the Docker daemon is gone', isGone),
];
