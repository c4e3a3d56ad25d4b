import { connect, type NatsConnection } from '@nats-io/transport-node';

/** What happens, told to whoever listens. */
export class Events {
  readonly #nats: NatsConnection;
  readonly #prefix: string;

  private constructor(nats: NatsConnection, prefix: string) {
    this.#nats = nats;
    this.#prefix = prefix;
  }

  /** Subjects begin with the prefix: one server can serve many who shall not hear each other. */
  static async connect({ host, port }: { host: string; port: number }, prefix = 'events'): Promise<Events> {
    return new Events(await connect({ servers: `${host}:${port}` }), prefix);
  }

  async ping(): Promise<void> {
    await this.#nats.rtt();
  }

  publish(subject: string, event: unknown): void {
    this.#nats.publish(`${this.#prefix}.${subject}`, JSON.stringify(event));
  }

  /** The next event of a subject, from now on. */
  async next(subject: string): Promise<unknown> {
    for await (const message of this.#nats.subscribe(`${this.#prefix}.${subject}`, { max: 1 })) {
      return message.json();
    }
    throw new Error('The connection has ended.');
  }

  async close(): Promise<void> {
    await this.#nats.close();
  }
}
