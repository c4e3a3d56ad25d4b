import type { TestProject } from 'vitest/node';
import { findProject, loadDefinition } from '../config/config-file.ts';
import { attachedEnvironment, describedEnvironment } from '../environment/attach.ts';
import type { Environment } from '../environment/environment.ts';
import type { ProgressEvent } from '../environment/progress.ts';
import { startEnvironment } from '../environment/start-environment.ts';
import type { MayflyError } from '../errors/mayfly-error.ts';
import type { Description } from '../session/session-files.ts';
import { withinTest } from './within-test.ts';

/** An environment as one project of a vitest run uses it. */
export interface SharedEnvironment {
  readonly description: Description;
  /** Whether its definition may have services of leases: that of whoever started it is not known. */
  readonly mayHaveLeaseServices: boolean;
  /** Brings services back to how they were when they were ready. */
  reset(): Promise<void>;
  /** Ends this project's use; the last one's end stops the environment. */
  release(): Promise<void>;
}

/** What is to be left of vitest's own deadline when ours has passed, in milliseconds. */
const margin = 1_000;

/** An environment that this run started. */
interface Started {
  readonly environment: Environment;
  readonly mayHaveLeaseServices: boolean;
}

/** One under way, and how many projects use it. */
interface Shared {
  readonly starting: Promise<Started>;
  users: number;
}

// Kept on vitest's own instance, and so as long as a run: each project loads this module anew.
const key = Symbol.for('mayfly.vitest');

/** What runs already is for whoever started it to reset and to stop. */
async function leaveAlone(): Promise<void> {}

/** The environment of the project's nearest config file: started by the first project of a run that asks for it. */
export async function shareEnvironment(project: TestProject): Promise<SharedEnvironment> {
  const all = sharedBy(project.vitest);
  // Later MAYFLY_SESSION names what was started here, perhaps for a project with another config file.
  const attached = all.size === 0 ? attachedEnvironment() : undefined;
  if (attached !== undefined) {
    return { description: attached, mayHaveLeaseServices: true, reset: leaveAlone, release: leaveAlone };
  }
  const directory = await findProject(project.config.root);
  const shared = all.get(directory) ?? { starting: start(directory, project), users: 0 };
  all.set(directory, shared);
  shared.users += 1;
  const isFirst = shared.users === 1;

  const { environment, mayHaveLeaseServices } = await shared.starting;
  const { session, runtime, details, variables } = environment;
  return {
    mayHaveLeaseServices,
    description: { session, runtime, details, variables, leases: describedEnvironment(session)?.leases },
    // vitest tells every project of every further run: once is enough.
    reset: isFirst ? () => environment.reset() : leaveAlone,
    release: async () => {
      shared.users -= 1;
      if (shared.users === 0) {
        all.delete(directory);
        await environment.stop();
      }
    },
  };
}

async function start(directory: string, project: TestProject): Promise<Started> {
  const { config, logger } = project.vitest;
  const { definition } = await loadDefinition(directory);
  const longest = Math.max(config.teardownTimeout - margin, margin);
  const teardownTimeout = Math.min(definition.teardownTimeout ?? longest, longest);
  const onProgress = (event: ProgressEvent): void => {
    if (event.type === 'runtime' || event.type === 'note') {
      logger.log(`mayfly    ${event.type === 'runtime' ? event.reason : event.message}`);
    }
  };
  const leases = {
    workers: config.maxWorkers,
    timeout: withinTest(project.config.testTimeout),
    poolTimeout: withinTest(project.config.testTimeout),
    ...definition.leases,
  };
  const onDeath = ({ code, message }: MayflyError): void => logger.error(`${code} ${message}`);
  const options = { onProgress, onDeath, directory, leaseAhead: true };
  return {
    environment: await startEnvironment({ ...definition, leases, teardownTimeout }, options),
    mayHaveLeaseServices: definition.services?.some(({ scope }) => scope === 'lease') ?? false,
  };
}

function sharedBy(vitest: object): Map<string, Shared> {
  const holder = vitest as { [key]?: Map<string, Shared> };
  holder[key] ??= new Map();
  return holder[key];
}
