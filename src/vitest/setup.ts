/// <reference lib="esnext.disposable" />
import type { TestProject } from 'vitest/node';
import { setProcessEnv } from '../config/process-env.ts';
import { isMayflyError } from '../errors/mayfly-error.ts';
import { reasonOf } from '../errors/reason.ts';
import type { MayflyContext } from './context.ts';
import { shareEnvironment, type SharedEnvironment } from './shared-environment.ts';

export type { LeaseScope, MayflyContext } from './context.ts';

/**
 * A global setup for vitest: `globalSetup: ['mayfly/vitest/setup']`. Starts the environment that the nearest
 * `mayfly.config.ts` describes, or Postgres and Redis where there is none, once for all projects of a run. Tests find
 * it by `inject('mayfly')` and by DATABASE_URL, REDIS_URL and the like. Under `mayfly run` it uses what runs already.
 *
 * In watch mode the servers stay, and services are reset before each further run.
 *
 * @throws MayflyError one of those in the README's table; nothing is left behind then.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = await shareEnvironment(project);
  let restore: () => void;
  try {
    restore = handOver(project, shared);
  } catch (error) {
    await shared.release();
    throw error;
  }
  return async () => {
    restore();
    try {
      await shared.release();
    } catch (error) {
      // Thrown here it would keep vitest from tearing down what else there is.
      const code = isMayflyError(error) ? `${error.code} ` : '';
      project.vitest.logger.error(`${code}${reasonOf(error)}.`);
      process.exitCode = 1;
    }
  };
}

/** Tells the project's tests of the environment, and gives a function that makes the process forget it. */
function handOver(project: TestProject, shared: SharedEnvironment): () => void {
  const { session, runtime, details, variables, leases } = shared.description;
  const { postgres, redis, ...services } = details as Partial<MayflyContext>;
  const { root: directory, testTimeout } = project.config;
  const { mayHaveLeaseServices } = shared;
  const own = { leases, directory, mayHaveLeaseServices, testTimeout };
  project.provide('mayfly', { session, runtime, postgres, redis, services, ...own } as MayflyContext);
  project.onTestsRerun(() => shared.reset());
  // The project's own variables, which vitest lays over those of the process: an .env file loaded there must not win.
  project.config.env = { ...project.config.env, ...variables };
  return setProcessEnv(variables);
}
