import { defineEnvironment, type EnvironmentDefinition, type Exactly } from '../config/definition.ts';
import { readProcessEnv } from '../config/process-env.ts';
import { MayflyError } from '../errors/mayfly-error.ts';
import { findSession, type Description } from '../session/session-files.ts';
import { AttachedEnvironment } from './attached-environment.ts';

/**
 * The environment in which this process was started, by `mayfly run` or with the variables of `mayfly up --export`:
 * the session that MAYFLY_SESSION names, while its owner runs. Whoever attaches stops nothing.
 */
export function attachedEnvironment(): Description | undefined {
  const { session } = readProcessEnv();
  return session === undefined ? undefined : describedEnvironment(session);
}

/** A session's environment as other processes find it, while its owner runs. */
export function describedEnvironment(session: string): Description | undefined {
  return findSession(readProcessEnv().stateDirectory, session)?.description;
}

/**
 * Uses the environment in which this process was started, under `mayfly run` or with the variables of
 * `mayfly up --export`, in order to take leases from it. `definition` is that of the environment, for its lease-scoped
 * services. `detach()`, or its disposal, gives back what leases are still out, and stops nothing else.
 *
 * @throws MayflyError `MAYFLY_NOT_RUNNING` where there is none.
 *
 * @example
 * ```ts
 * await using environment = attachEnvironment();
 * await using lease = await environment.lease({ name: 'books a seat' });
 * ```
 */
export function attachEnvironment<const Definition extends EnvironmentDefinition = EnvironmentDefinition>(
  definition: Definition & Exactly<Definition> = {} as Definition & Exactly<Definition>,
): AttachedEnvironment<Definition> {
  const description = attachedEnvironment();
  if (description === undefined) {
    throw new MayflyError('MAYFLY_NOT_RUNNING', {
      message: 'This process was not started in an environment, or that has ended.',
      remedy: 'Start it under `mayfly run`, or set the variables that `mayfly up --export` prints.',
      phase: 'run',
    });
  }
  return new AttachedEnvironment<Definition>(description, defineEnvironment<Definition>(definition));
}
