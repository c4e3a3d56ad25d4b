import type { AdminConnection } from './admin-connection.ts';

/** How many stay open, so that a database that comes back again and again need not be connected to each time. */
const most = 2;

/** Connections of ours to the databases of leases: the ones used last stay open. */
export class InsideConnections {
  readonly #connect: (database: string) => AdminConnection;
  readonly #open = new Map<string, AdminConnection>();

  constructor(connect: (database: string) => AdminConnection) {
    this.#connect = connect;
  }

  open(database: string): AdminConnection {
    const connection = this.#open.get(database) ?? this.#connect(database);
    this.#open.delete(database);
    this.#open.set(database, connection);
    for (const name of [...this.#open.keys()].slice(0, -most)) {
      void this.close(name);
    }
    return connection;
  }

  async close(database: string): Promise<void> {
    const connection = this.#open.get(database);
    this.#open.delete(database);
    await connection?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((database) => this.close(database)));
  }
}
