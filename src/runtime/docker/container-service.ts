import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { readProcessEnv } from '../../config/process-env.ts';
import { isMayflyError, MayflyError } from '../../errors/mayfly-error.ts';
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
  /**
   * Makes the container, not started yet; its image may have to be built first. How it is waited for is its own wait
   * strategy's affair.
   */
  readonly container: (
    dependencies: ValuesOf<Needs, 'run'>,
    context: ServiceContext,
  ) => StartableContainer<Started> | Promise<StartableContainer<Started>>;
}

/**
 * How long the start may take where nothing else is said, in milliseconds: the image may have to be pulled first. How
 * long the container itself may take is for its wait strategy to say, 60 s with Testcontainers' own.
 */
const startTimeout = 300_000;

/**
 * Makes a service out of any container of Testcontainers or its modules. It carries the session's labels and is removed
 * with the environment, or by the run's reaper. It needs Docker on every runtime. `timeouts.start` is 300,000 where it is
 * left out.
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
  const { container: make, timeouts, ...rest } = definition;
  const running = new WeakMap<StartedTestContainer, RunningContainer<Started>>();
  return defineService<Name, Started, Needs, Details, 'run'>({
    ...rest,
    scope: 'run',
    timeouts: { start: startTimeout, ...timeouts },
    start: async (dependencies, context) => {
      const client = await connect(definition.name, context.signal);
      const container = await make(dependencies, context);
      const started = await startContainer(client, definition.name, container, context);
      running.set(started.started, started);
      return started.started;
    },
    stop: async (started) => running.get(started)?.remove(),
  });
}

async function connect(service: string, signal: AbortSignal): Promise<ContainerRuntimeClient> {
  try {
    return await connectDocker(readProcessEnv().docker, signal);
  } catch (error) {
    // No other runtime would help.
    throw isMayflyError(error) && error.code === 'MAYFLY_DOCKER_UNAVAILABLE' ? needsDocker(service, error) : error;
  }
}

function needsDocker(service: string, cause: MayflyError): MayflyError {
  return new MayflyError('MAYFLY_DOCKER_UNAVAILABLE', {
    message: `Service "${service}" is a container. ${cause.summary}`,
    remedy: 'Start Docker or set DOCKER_HOST: a container needs it on every runtime.',
    service,
    phase: 'start',
    cause,
  });
}
