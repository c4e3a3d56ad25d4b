/** The parts of a connection that a URL is made of. */
interface ConnectionParts {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | number;
}

/** A URL for these parts, each escaped, whatever characters it has. */
export function connectionUrl(
  scheme: 'postgres' | 'redis',
  { host, port, user, password, database }: ConnectionParts,
): string {
  const credentials = [user, password].map(encodeURIComponent).join(':');
  const authority = credentials === ':' ? '' : `${credentials}@`;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${authority}${bracketed}:${port}/${encodeURIComponent(database)}`;
}
