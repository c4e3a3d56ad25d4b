import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { readProcessEnv } from '../../config/process-env.ts';
import type { ServiceContext } from '../../service/service.ts';
import { startOrRemove } from './abortable-start.ts';
import { allLabelsOf, containersKeyOf, labelsOf, sessionLabel } from './labels.ts';
import { removeContainer, removeContainers } from './remove-containers.ts';
import { usesRyuk } from './ryuk.ts';

/** What every container of Testcontainers and its modules has, as far as it concerns us. */
export interface StartableContainer<Started extends StartedTestContainer> {
  withLabels(labels: Record<string, string>): this;
  withAutoCleanup(autoCleanup: boolean): this;
  start(): Promise<Started>;
}

/** A container that runs, and how to take it away. */
export interface RunningContainer<Started extends StartedTestContainer> {
  readonly started: Started;
  readonly remove: () => Promise<void>;
}

/**
 * Starts a container as one that the session owns. Leaves none behind when it throws, unless the daemon does not answer
 * any longer: then it stays on the session's record.
 *
 * @throws MayflyError `MAYFLY_DOCKER_UNAVAILABLE`, `MAYFLY_DOCKER_REFUSED` or `MAYFLY_RYUK_UNAVAILABLE`; or what the
 * container's own wait throws.
 */
export async function startContainer<Started extends StartedTestContainer>(
  client: ContainerRuntimeClient,
  service: string,
  container: StartableContainer<Started>,
  { ownership, signal, note }: ServiceContext,
): Promise<RunningContainer<Started>> {
  const isUnderRyuk = await usesRyuk(client, readProcessEnv().docker, { signal, note });
  signal.throwIfAborted();
  const key = containersKeyOf(service);
  ownership.own(key, { kind: 'containers', label: sessionLabel, value: ownership.sessionId });
  const started = await startOrRemove({
    what: `start the container of ${service}`,
    start: () => container.withLabels(allLabelsOf(service, ownership)).withAutoCleanup(isUnderRyuk).start(),
    signal,
    remove: (bounded) => removeContainers(client, labelsOf(service, ownership), bounded),
    onFailure: (left) => {
      if (left === undefined) {
        ownership.disown(key);
      } else {
        note(`a container of ${service} may have been left behind: ${left.message}`);
      }
    },
  });
  return {
    started,
    remove: async () => {
      await removeContainer(client, started.getId());
      ownership.disown(key);
    },
  };
}
