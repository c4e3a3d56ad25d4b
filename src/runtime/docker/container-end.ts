import type { ContainerRuntimeClient } from 'testcontainers';
import type { ServerEnd } from '../server-end.ts';
import { askDocker } from './ask-docker.ts';
import { lastLogLines } from './container-log.ts';
import { findContainers } from './find-containers.ts';
import { serviceLabel, sessionLabel } from './labels.ts';

/** Whose container is looked at, and through whom. */
interface ServersContainer {
  readonly client: ContainerRuntimeClient;
  readonly session: string;
  readonly service: string;
}

/**
 * How the container of a session's server ended; `undefined` while it runs, also where it is paused.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`.
 */
export async function containerEnd(
  { client, session, service }: ServersContainer,
  signal: AbortSignal,
): Promise<ServerEnd | undefined> {
  const call = { what: `look at the container of ${service}`, signal };
  const [found] = await findContainers(client, { [sessionLabel]: session, [serviceLabel]: service }, call);
  if (found === undefined) {
    return { how: 'its container was removed', output: [] };
  }
  const container = client.container.getById(found.Id);
  const { State } = await askDocker(call, () => container.inspect());
  if (State.Running) {
    return undefined;
  }
  const why = State.OOMKilled ? ', killed because its memory ran out' : '';
  return { how: `exit code ${State.ExitCode}${why}`, output: await lastLogLines(container, signal) };
}
