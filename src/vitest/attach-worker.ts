import { inject } from 'vitest';
import { loadDefinition } from '../config/config-file.ts';
import type { EnvironmentDefinition } from '../config/definition.ts';
import { AttachedEnvironment } from '../environment/attached-environment.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { MayflyContext } from './context.ts';

/**
 * The environment that the global setup started, for the worker that this is called in. Without a definition it is that
 * of the config file, whose lease-scoped services are needed here.
 *
 * @throws MayflyError `MAYFLY_NOT_RUNNING` where there was no global setup; those of a config file.
 */
export async function attachWorker(definition: EnvironmentDefinition | undefined): Promise<AttachedEnvironment> {
  const context = inject('mayfly') as MayflyContext | undefined;
  if (context === undefined) {
    throw new MayflyError('MAYFLY_NOT_RUNNING', {
      message: 'The tests of this project have no environment.',
      remedy: "Put 'mayfly/vitest/setup' into `globalSetup` in its vitest configuration.",
      phase: 'run',
    });
  }
  const { session, runtime, postgres, redis, services, leases, directory } = context;
  const details = {
    ...(postgres !== undefined && { postgres }),
    ...(redis !== undefined && { redis }),
    ...services,
  };
  const own = definition ?? (await loadDefinition(directory)).definition;
  return new AttachedEnvironment({ session, runtime, details, variables: {}, leases }, own);
}
