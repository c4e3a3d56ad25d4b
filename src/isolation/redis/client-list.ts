/** A connection, as CLIENT LIST has it (redis.io/docs/latest/commands/client-list). */
export interface ListedClient {
  readonly id: number;
  readonly address: string;
  /** Given by CLIENT SETNAME; empty where it was not. */
  readonly name: string;
  /** The logical database that it has selected. */
  readonly database: number;
  /** Empty before Redis 6. */
  readonly user: string;
}

/** Who is connected by the server's reply to CLIENT LIST, without those that are about to go; nobody where it was refused. */
export function readClientList(reply: unknown): ListedClient[] {
  // Of a connection that its client has closed the server knows before it has cleared it away: flag A.
  const lines = typeof reply === 'string' ? reply.split('\n').filter((line) => / flags=[^ A]+ /.test(line)) : [];
  return lines.map((line) => {
    const fields = new Map(
      line.split(' ').map((field) => [field.split('=', 1)[0], field.slice(field.indexOf('=') + 1)]),
    );
    return {
      id: Number(fields.get('id')),
      address: fields.get('addr') ?? '',
      name: fields.get('name') ?? '',
      database: Number(fields.get('db')),
      user: fields.get('user') ?? '',
    };
  });
}

/** A connection in words: its name, if it has one, and where it comes from. */
export function describeClient({ name, address }: ListedClient): string {
  return name === '' ? address : `${name} (${address})`;
}
