import type { LeaseClient } from './lease-client.ts';

/** The connections that pools left behind, by the database that they are on. */
export class KeptClients {
  readonly #clients = new Map<string, LeaseClient>();

  /** Takes the connection to a database out, if there is one. */
  take(database: string): LeaseClient | undefined {
    const client = this.#clients.get(database);
    this.#clients.delete(database);
    return client;
  }

  /** Puts one in. Should there be another already, from when this process had the database before, that ends. */
  async put(database: string, client: LeaseClient | undefined): Promise<void> {
    await this.take(database)?.discard();
    if (client !== undefined) {
      this.#clients.set(database, client);
    }
  }

  async discardAll(): Promise<void> {
    await Promise.allSettled([...this.#clients.values()].map((client) => client.discard()));
    this.#clients.clear();
  }
}
