import type { ContainerRuntimeClient } from 'testcontainers';
import { askDocker, type DockerCall } from './ask-docker.ts';
import { filterBy } from './labels.ts';

/** A container as the daemon lists it, as far as it concerns us. */
export interface ListedContainer {
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>>;
  /** In seconds since 1970. */
  readonly Created: number;
}

/** The containers with these labels, running or not, or those alone that are in one of these states. */
export async function findContainers(
  client: ContainerRuntimeClient,
  labels: Readonly<Record<string, string>>,
  call: DockerCall,
  status: string[] = [],
): Promise<ListedContainer[]> {
  const filters = { label: filterBy(labels), status };
  return askDocker(call, () => client.container.dockerode.listContainers({ all: true, filters }));
}
