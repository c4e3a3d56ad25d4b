import type { ClientConfig } from 'pg';
import { connectionUrl } from '../../../connection/connection-url.ts';
import type { PostgresDetails } from '../../../connection/details.ts';

/** By which connections of Mayfly's own are known on the server. */
export const ownApplication = 'mayfly';

/** How one of a server's databases is reached with the server's own user. */
export function adminConfig(server: PostgresDetails, database: string): ClientConfig {
  const { host, port, user, password, runtime } = server;
  // An external server's URL may say how TLS is to be used; servers of ours have none.
  const login =
    runtime === 'external'
      ? { connectionString: urlOf({ ...server, database }) }
      : { host, port, user, password, database, ssl: false };
  return { ...login, application_name: ownApplication };
}

/** A URL like the server's own, for the database and the user in the details. */
export function urlOf({ url, ...details }: PostgresDetails): string {
  const made = new URL(connectionUrl('postgres', details));
  made.search = new URL(url).search;
  return made.href;
}
