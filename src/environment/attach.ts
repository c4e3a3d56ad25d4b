import { readProcessEnv } from '../config/process-env.ts';
import { findSession, type Description } from '../session/session-files.ts';

/**
 * The environment in which this process was started, by `mayfly run` or with the variables of `mayfly up --export`:
 * the session that MAYFLY_SESSION names, while its owner runs. Whoever attaches stops nothing.
 */
export function attachedEnvironment(): Description | undefined {
  const { session, stateDirectory } = readProcessEnv();
  return session === undefined ? undefined : findSession(stateDirectory, session)?.description;
}
