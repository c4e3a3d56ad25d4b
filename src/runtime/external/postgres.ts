import type { PostgresSettings } from '../../config/settings.ts';
import type { PostgresDetails } from '../../connection/details.ts';
import { pingPostgres } from '../../connection/postgres-connection.ts';
import type { ServiceContext } from '../../service/service.ts';
import type { Server } from '../runtime.ts';
import { startedServer } from '../started-server.ts';
import { createRunDatabase, dropRunDatabase } from './run-database.ts';
import { serverRefusal } from './server-refusal.ts';
import { parseServerUrl, postgresUrlRules } from './server-url.ts';

/** Gives the run a database of its own on a server that runs already, so that two runs do not meet. */
export async function startPostgres(
  { url }: PostgresSettings,
  { ownership }: ServiceContext,
): Promise<Server<PostgresDetails>> {
  const server = parseServerUrl(url, postgresUrlRules);
  const connectionString = server.url.href;
  const database = `mayfly_${ownership.sessionId}`;
  const key = `database:${database}`;

  const drop = async (): Promise<void> => {
    await dropRunDatabase(connectionString, database);
    ownership.disown(key);
  };
  ownership.own(key, { kind: 'database', url: connectionString, name: database });
  try {
    await createRunDatabase(connectionString, database);
  } catch (error) {
    ownership.disown(key);
    throw serverRefusal('postgres', server, error);
  }
  const details: PostgresDetails = {
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database,
    url: Object.assign(new URL(connectionString), { pathname: `/${database}` }).href,
    runtime: 'external',
    place: `database ${database}`,
  };
  return startedServer({ details, ping: () => pingPostgres(details.url), release: drop });
}
