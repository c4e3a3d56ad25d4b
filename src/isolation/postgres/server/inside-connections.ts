import type { AdminConnection } from './admin-connection.ts';

/** How many stay open, so that a database that comes back again and again need not be connected to each time. */
const most = 2;

/** Connections of ours to the databases of leases: the ones used last stay open. */
export class InsideConnections {
  readonly #connect: (database: string) => AdminConnection;
  readonly #open = new Map<string, AdminConnection>();
  readonly #inUse = new Set<string>();

  constructor(connect: (database: string) => AdminConnection) {
    this.#connect = connect;
  }

  /** Lends the connection to a database to `work`. */
  async use<T>(database: string, work: (inside: AdminConnection) => Promise<T>): Promise<T> {
    const connection = this.#open.get(database) ?? this.#connect(database);
    this.#open.delete(database);
    this.#open.set(database, connection);
    this.#inUse.add(database);
    try {
      return await work(connection);
    } finally {
      this.#inUse.delete(database);
      const idle = [...this.#open.keys()].filter((name) => !this.#inUse.has(name));
      await Promise.all(idle.slice(0, -most).map((name) => this.close(name)));
    }
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
