import { inject } from 'vitest';
import { loadDefinition } from '../config/config-file.ts';
import type { EnvironmentDefinition } from '../config/definition.ts';
import { AttachedEnvironment } from '../environment/attached-environment.ts';
import type { LeaseDescription } from '../environment/leases/lease-office.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import type { MayflyContext } from './context.ts';
import { withinTest } from './within-test.ts';

/**
 * The environment that the global setup started, for the worker that this is called in. Without a definition it is that
 * of the config file, which is loaded only if it may have services of leases.
 *
 * @throws MayflyError `MAYFLY_NOT_RUNNING` where there was no global setup; those of a config file.
 */
export async function attachWorker(definition: EnvironmentDefinition | undefined): Promise<AttachedEnvironment> {
  const context = inject('mayfly') as (Partial<MayflyContext> & MayflyContext) | undefined;
  if (context === undefined) {
    throw new MayflyError('MAYFLY_NOT_RUNNING', {
      message: 'The tests of this project have no environment.',
      remedy: "Put 'mayfly/vitest/setup' into `globalSetup` in its vitest configuration.",
      phase: 'run',
    });
  }
  const { session, runtime, postgres, redis, services, directory, mayHaveLeaseServices } = context;
  // What the environment has not got would count as there if it were named.
  const servers = Object.entries({ postgres, redis }).filter(([, server]: [string, unknown]) => server !== undefined);
  const details = { ...Object.fromEntries(servers), ...services };
  const own = definition ?? (mayHaveLeaseServices ? (await loadDefinition(directory)).definition : {});
  return new AttachedEnvironment({ session, runtime, details, variables: {}, leases: boundedLeases(context) }, own);
}

/** An environment that somebody else started knows nothing of how long tests may take. */
function boundedLeases({ leases, testTimeout }: MayflyContext): LeaseDescription | undefined {
  if (leases === undefined) {
    return undefined;
  }
  const { settings, plan } = leases as LeaseDescription;
  const limit = withinTest(testTimeout);
  const poolTimeout = Math.min(limit, settings.poolTimeout);
  return {
    settings: { ...settings, timeout: Math.min(limit, settings.timeout), poolTimeout },
    plan: plan && { ...plan, poolTimeout },
  };
}
