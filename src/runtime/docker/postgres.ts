import { randomBytes } from 'node:crypto';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import type { ContainerRuntimeClient } from 'testcontainers';
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

/** Where the container has memory mounted for its data. */
const memory = '/mayfly';

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
    // A place of our own: that of the image moved with PostgreSQL 18 (docker-library/postgres#1259).
    .withEnvironment({ PGDATA: `${memory}/data` })
    .withTmpFs({ [memory]: 'rw' });
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
