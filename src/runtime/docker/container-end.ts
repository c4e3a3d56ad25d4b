import type { ContainerRuntimeClient } from 'testcontainers';
import type { ServerEnd } from '../server-end.ts';
import { askDocker } from './ask-docker.ts';
import { lastLogLines } from './container-log.ts';
import { findContainers } from './find-containers.ts';
import { serviceLabel, sessionLabel } from './labels.ts';
import { unlessGone } from './remove-containers.ts';

const removed: ServerEnd = { how: 'its container was removed', output: [] };

/** Whose container is looked at, and through whom. */
export interface ServersContainer {
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
    return removed;
  }
  const container = client.container.getById(found.Id);
  // It may be removed at this moment.
  const inspected = await askDocker(call, () => container.inspect().catch(unlessGone));
  if (inspected === undefined) {
    return removed;
  }
  const { State } = inspected;
  if (State.Running) {
    return undefined;
  }
  const why = State.OOMKilled ? ', killed because its memory ran out' : '';
  return { how: `exit code ${State.ExitCode}${why}`, output: await lastLogLines(container, signal) };
}

/** Postgres that recovers prints some twenty lines after the one that says why it has to. */
const linesOfRecovery = 50;

/**
 * The last lines that the container of a session's server printed, whether or not it runs; none where there is none. They
 * reach back to before the server's last recovery.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE` or `MAYFLY_DOCKER_REFUSED`.
 */
export async function containerLines(
  { client, session, service }: ServersContainer,
  signal: AbortSignal,
): Promise<string[]> {
  const call = { what: `look at the container of ${service}`, signal };
  const [found] = await findContainers(client, { [sessionLabel]: session, [serviceLabel]: service }, call);
  return found === undefined ? [] : lastLogLines(client.container.getById(found.Id), signal, linesOfRecovery);
}
