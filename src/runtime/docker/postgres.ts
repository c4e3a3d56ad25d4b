import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import { type ContainerRuntimeClient, ImageName } from 'testcontainers';
import type { PostgresSettings } from '../../config/settings.ts';
import type { ServiceContext } from '../../service/service.ts';
import { connectionUrl } from '../connection-url.ts';
import { pingPostgres } from '../postgres-connection.ts';
import { maintenanceDatabase, postgresArguments, superuser } from '../postgres-settings.ts';
import type { PostgresDetails, Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { reachableHost, startContainer } from './container.ts';
import { publishOnLoopback } from './publish.ts';

const postgresPort = 5432;

/** Starts Postgres in a container, its data in memory. */
export async function startPostgres(
  settings: PostgresSettings,
  context: ServiceContext,
  client: ContainerRuntimeClient,
): Promise<Server<PostgresDetails>> {
  const login = { user: superuser, password: randomBytes(24).toString('hex'), database: maintenanceDatabase };
  const container = new TestPostgres(settings.image, reachableHost(client) === '127.0.0.1')
    .withUsername(login.user)
    .withPassword(login.password)
    .withDatabase(login.database)
    .withCommand(['postgres', ...postgresArguments(settings)])
    .withTmpFs({ [await dataMount(client, settings.image)]: 'rw' });
  if (settings.port !== undefined) {
    container.withExposedPorts({ container: postgresPort, host: settings.port });
  }
  const urlAt = (host: string, port: number): string => connectionUrl('postgres', { host, port, ...login });
  const running = await startContainer(
    client,
    {
      service: 'postgres',
      container,
      port: postgresPort,
      hostPort: settings.port,
      query: (host, port) => pingPostgres(urlAt(host, port)),
    },
    context,
  );
  const { host, port } = running;
  const place = `container ${running.started.getId().slice(0, 12)}`;
  const details: PostgresDetails = { host, port, ...login, url: urlAt(host, port), runtime: 'docker', place };
  return startedServer({ details, ping: () => pingPostgres(details.url), release: running.stop });
}

class TestPostgres extends PostgreSqlContainer {
  readonly #isLocal: boolean;

  constructor(image: string, isLocal: boolean) {
    super(image);
    this.#isLocal = isLocal;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    // The module would have the container run a probe four times a second for as long as it lives; we ask from outside.
    this.createOpts.Healthcheck = { Test: ['NONE'] };
    if (this.#isLocal) {
      publishOnLoopback(this.hostConfig);
    }
  }
}

/**
 * Where memory is to be mounted: the volume that holds the image's PGDATA. It moved with PostgreSQL 18
 * (docker-library/postgres#1259), so the image is asked rather than known.
 */
async function dataMount(client: ContainerRuntimeClient, image: string): Promise<string> {
  const { Config } = await client.image.inspect(ImageName.fromString(image));
  const data = Config.Env?.find((variable) => variable.startsWith('PGDATA='))?.slice('PGDATA='.length);
  const volumes = Object.keys(Config.Volumes ?? {});
  const directory = data ?? '/var/lib/postgresql/data';
  return volumes.find((volume) => directory === volume || directory.startsWith(`${volume}/`)) ?? dirname(directory);
}
