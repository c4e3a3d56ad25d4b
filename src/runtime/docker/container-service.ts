import type { StartedTestContainer } from 'testcontainers';
import { readProcessEnv } from '../../config/process-env.ts';
import { defineService } from '../../service/define-service.ts';
import type {
  Dependencies,
  Service,
  ServiceContext,
  ServiceDefinition,
  ServiceRef,
  ValuesOf,
} from '../../service/service.ts';
import { connectDocker } from './client.ts';
import { startContainer, type RunningContainer, type StartableContainer } from './container.ts';

/** A service that is a container: in place of `start` and `stop` it says which. */
export interface ContainerServiceDefinition<
  Name extends string,
  Started extends StartedTestContainer,
  Needs extends Dependencies,
  Details,
> extends Omit<
  ServiceDefinition<Name, Started, Needs, Details, 'run'>,
  'scope' | 'prepare' | 'inputs' | 'start' | 'stop'
> {
  /** Makes the container, not started yet. How it is waited for is its own wait strategy's affair. */
  readonly container: (dependencies: ValuesOf<Needs, 'run'>, context: ServiceContext) => StartableContainer<Started>;
}

/**
 * Makes a service out of any container of Testcontainers or its modules. It carries the session's labels and is removed
 * with the environment.
 *
 * @throws MayflyError `MAYFLY_DEFINITION_INVALID`; its start `MAYFLY_DOCKER_UNAVAILABLE` where there is no Docker.
 *
 * @example
 * ```ts
 * const mail = containerService({
 *   name: 'mail',
 *   container: () => new GenericContainer('axllent/mailpit').withExposedPorts(1025),
 *   details: (started) => ({ host: started.getHost(), port: started.getMappedPort(1025) }),
 * });
 * ```
 */
export function containerService<
  const Name extends string,
  Started extends StartedTestContainer,
  Needs extends Dependencies = Record<never, ServiceRef>,
  Details = undefined,
>(definition: ContainerServiceDefinition<Name, Started, Needs, Details>): Service<Name, Started, Details, 'run'> {
  const { container: make, ...rest } = definition;
  const running = new WeakMap<StartedTestContainer, RunningContainer<Started>>();
  return defineService<Name, Started, Needs, Details, 'run'>({
    ...rest,
    scope: 'run',
    start: async (dependencies, context) => {
      const client = await connectDocker(readProcessEnv().docker, context.signal);
      const started = await startContainer(client, definition.name, make(dependencies, context), context);
      running.set(started.started, started);
      return started.started;
    },
    stop: async (started) => running.get(started)?.remove(),
  });
}
