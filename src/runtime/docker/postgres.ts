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
import { publishOnLoopback } from './publish.ts';
import { reachableHost, startServerContainer } from './server-container.ts';

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
  const urlAt = (host: string, port: number): string => connectionUrl('postgres', { host, port, ...login });
  const running = await startServerContainer(
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
  const { host, port, place, remove } = running;
  const details: PostgresDetails = { host, port, ...login, url: urlAt(host, port), runtime: 'docker', place };
  return startedServer({ details, ping: () => pingPostgres(details.url), release: remove });
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

/** What the daemon says of an image, as far as it concerns us; both are left out or null where there are none. */
interface ImageDescription {
  readonly Config: { readonly Env?: string[] | null; readonly Volumes?: Record<string, unknown> | null };
}

/**
 * Where memory is to be mounted: the volume that holds the image's PGDATA. It moved with PostgreSQL 18
 * (docker-library/postgres#1259), so the image is asked rather than known.
 */
async function dataMount(client: ContainerRuntimeClient, image: string): Promise<string> {
  const { Config } = (await client.image.inspect(ImageName.fromString(image))) as ImageDescription;
  const data = Config.Env?.find((variable) => variable.startsWith('PGDATA='))?.slice('PGDATA='.length);
  const volumes = Object.keys(Config.Volumes ?? {});
  const directory = data ?? '/var/lib/postgresql/data';
  return volumes.find((volume) => directory === volume || directory.startsWith(`${volume}/`)) ?? dirname(directory);
}
