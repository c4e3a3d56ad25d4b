import { randomBytes } from 'node:crypto';
import { PostgreSqlContainer } from '@testcontainers/postgresql';
import type { PostgresSettings } from '../../config/settings.ts';
import { connectionUrl } from '../../connection/connection-url.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { pingPostgres, withoutTls } from '../../connection/postgres-connection.ts';
import type { ServiceContext } from '../../service/service.ts';
import { maintenanceDatabase, postgresArguments, superuser } from '../postgres-settings.ts';
import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { arrangePorts, type DockerNetwork } from './network.ts';
import { startServerContainer, type DockerHost, type Listen } from './server-container.ts';

/** Where the container has memory mounted for its data. */
const memory = '/mayfly';

/** Starts Postgres in a container, its data in memory. */
export async function startPostgres(
  settings: PostgresSettings,
  context: ServiceContext,
  docker: DockerHost,
): Promise<Server<PostgresDetails>> {
  const login = { user: superuser, password: randomBytes(24).toString('hex'), database: maintenanceDatabase };
  const urlAt = (host: string, port: number): string => connectionUrl('postgres', { host, port, ...login });
  const container = (listen: Listen): PostgreSqlContainer =>
    new TestPostgres(settings.image, docker.network)
      .withUsername(login.user)
      .withPassword(login.password)
      .withDatabase(login.database)
      .withCommand(['postgres', ...listenArguments(listen), ...postgresArguments(settings)])
      // A place of our own: that of the image moved with PostgreSQL 18 (docker-library/postgres#1259).
      .withEnvironment({ PGDATA: `${memory}/data` })
      .withTmpFs({ [memory]: 'rw' });
  const query = (host: string, port: number): Promise<void> => pingPostgres(urlAt(host, port), withoutTls);
  const plan = { service: 'postgres', container, standardPort: 5432, port: settings.port, query };

  // The client is loaded while there is nothing to do but wait for the container.
  const [{ host, port, place, ended, remove }] = await Promise.all([
    startServerContainer(docker, plan, context),
    import('pg'),
  ]);
  const details: PostgresDetails = { host, port, ...login, url: urlAt(host, port), runtime: 'docker', place };
  return startedServer({ details, ping: () => pingPostgres(details.url, withoutTls), ended, release: remove });
}

function listenArguments({ on, port }: Listen): string[] {
  return ['-c', `listen_addresses=${on === 'loopback' ? '127.0.0.1' : '*'}`, '-c', `port=${port}`];
}

class TestPostgres extends PostgreSqlContainer {
  readonly #network: DockerNetwork;

  constructor(image: string, network: DockerNetwork) {
    super(image);
    this.#network = network;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    // The module would have the container run a probe four times a second for as long as it lives; we ask from outside.
    this.createOpts.Healthcheck = { Test: ['NONE'] };
    arrangePorts(this.hostConfig, this.#network);
  }
}
