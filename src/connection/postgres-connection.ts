import type { Client, ClientConfig } from 'pg';

/** How long a connection may take to be made, in milliseconds. */
const connectTimeout = 5_000;

/** Opens a connection of its own for `work` and closes it afterwards, whatever happens. */
export async function withConnection<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  // Loaded when first needed: the start of a server overlaps with it.
  const { default: pg } = await import('pg');
  const client = new pg.Client({ application_name: 'mayfly', connectionTimeoutMillis: connectTimeout, ...config });
  // Without a listener a server that goes away would end this process (node-postgres#3083); the query reports it.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Whatever PGSSLMODE asks for in general: servers of ours are reached without TLS, on the loopback address. */
export const withoutTls: ClientConfig = { ssl: false };

/** Returns when the server has answered a query. */
export async function pingPostgres(url: string, config: ClientConfig = {}): Promise<void> {
  await withConnection({ connectionString: url, ...config }, (client) => client.query('SELECT 1'));
}
