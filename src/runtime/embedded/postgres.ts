import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { PostgresSettings } from '../../config/settings.ts';
import { connectionUrl } from '../../connection/connection-url.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { pingPostgres, withConnection, withoutTls } from '../../connection/postgres-connection.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';
import type { ServiceContext } from '../../service/service.ts';
import { maintenanceDatabase, postgresArguments, superuser } from '../postgres-settings.ts';
import type { Server } from '../runtime.ts';
import { chooseDataHome } from './data-home.ts';
import type { EmbeddedOptions } from './options.ts';
import { endOrphans } from './orphans.ts';
import { environmentOf, installPostgres } from './postgres-binaries.ts';
import { PostgresCluster } from './postgres-cluster.ts';
import { runServer } from './run-server.ts';
import { ServerDirectory } from './server-directory.ts';
import { serverUser } from './server-user.ts';
import { removeSharedMemory } from './shared-memory.ts';
import { startServer, type RunningServer, type ServerPlan } from './start-server.ts';

const loopback = '127.0.0.1';

/** Starts PostgreSQL as a process on the cached cluster. */
export async function startPostgres(
  options: PostgresSettings,
  context: ServiceContext,
  { cacheDirectory, dataDirectory }: EmbeddedOptions,
): Promise<Server<PostgresDetails>> {
  const user = serverUser();
  const home = await chooseDataHome(dataDirectory, user);
  const binaries = await installPostgres(cacheDirectory);
  const cluster = new PostgresCluster(cacheDirectory, binaries, user);
  const directory = await ServerDirectory.make(home, 'postgres', { ownership: context.ownership, user });
  const data = directory.join('data');
  // Only letters and digits: it stands in SQL and in URLs.
  const password = randomBytes(24).toString('hex');

  const plan: ServerPlan = {
    service: 'postgres',
    directory,
    port: options.port,
    endSignal: 'SIGQUIT',
    command: async (port) => ({
      executable: join(binaries.directory, 'bin', 'postgres'),
      parameters: [...serverParameters(data, directory.path, port), ...postgresArguments(options)],
      environment: environmentOf(binaries),
      user,
    }),
    // Over the socket in our private directory: whatever else might listen on the port is not mistaken for ours.
    ping: (port) => setPassword({ host: directory.path, port, password }),
    isHopeless: (error) => refusalOf(error) !== undefined,
    cleanUp: async () => {
      await endOrphans(data);
      await removeSharedMemory(data);
    },
  };
  return runServer({
    service: plan.service,
    directory,
    start: async () => {
      // The client is loaded while another process unpacks.
      await Promise.all([cluster.unpackTo(data, context), import('pg')]);
      return startOnSoundCluster(plan, cluster, data, context);
    },
    describe: (server) => describe(server, password),
    ping: ({ url }) => pingPostgres(url, withoutTls),
  });
}

/** Starts the server; if it does not work on a cached cluster that looked whole, tries once more on a new one. */
async function startOnSoundCluster(
  plan: ServerPlan,
  cluster: PostgresCluster,
  data: string,
  context: ServiceContext,
): Promise<RunningServer> {
  try {
    return await startServer(plan, context);
  } catch (error) {
    if (!(error instanceof MayflyError) || !blamesData(error)) {
      throw error;
    }
    context.note('postgres did not start on the cached data directory; it is made anew');
    await cluster.discard();
    await plan.directory.clear('data');
    await cluster.unpackTo(data, context);
    return startServer(plan, context);
  }
}

/** Whether it can be the data that the server does not work with, rather than what it was told. */
function blamesData(error: MayflyError): boolean {
  if (error.code === 'MAYFLY_SERVER_EXITED') {
    return !/configuration parameter|invalid value for parameter|outside the valid range/.test(error.message);
  }
  // Of the classes of SQLSTATE: no such database, no such role, a file that cannot be read, data that make no sense.
  return /^(3D|28|58|XX)/.test(refusalOf(error.cause) ?? '');
}

/** The SQLSTATE with which the server refused a query, or `undefined` where it is not up yet. */
function refusalOf(error: unknown): string | undefined {
  const { code = '' } = error as { readonly code?: string };
  const cannotConnectNow = '57P03';
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code) && code !== cannotConnectNow ? code : undefined;
}

function serverParameters(data: string, socketDirectory: string, port: number): string[] {
  const settings = {
    port: String(port),
    listen_addresses: loopback,
    unix_socket_directories: socketDirectory,
    // With the data rather than in shared memory, so that removing the directory removes it.
    dynamic_shared_memory_type: 'mmap',
    // Three processes less to start; what they would read lies in memory.
    io_method: 'sync',
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

async function setPassword({ host, port, password }: { host: string; port: number; password: string }): Promise<void> {
  // Whatever settings the user has, it can be written, and does not stand in the log.
  const options = [
    'default_transaction_read_only=off',
    'log_statement=none',
    'log_min_error_statement=panic',
    'log_min_duration_statement=-1',
    'log_min_duration_sample=-1',
  ]
    .map((setting) => `-c ${setting}`)
    .join(' ');
  await withConnection(
    { ...withoutTls, host, port, user: superuser, database: maintenanceDatabase, options },
    (client) => client.query(`ALTER ROLE ${superuser} PASSWORD '${password}'`),
  );
}

function describe(server: RunningServer, password: string): PostgresDetails {
  const connection = { host: loopback, port: server.port, user: superuser, password, database: maintenanceDatabase };
  const url = connectionUrl('postgres', connection);
  return { ...connection, url, runtime: 'embedded', place: server.place };
}
