import pg, { type Submittable } from 'pg';
import { withDeadline } from '../../../service/deadline.ts';
import { ownApplication } from '../server/admin-config.ts';
import { callBack } from './call-back.ts';

/**
 * What leaves something in a session that nothing but its end removes: settings of one's own (`app.tenant`, which are
 * empty afterwards instead of absent), libraries, and the state of `random()`.
 */
const lasting =
  /\bset_config\b|\bset\s*(\/\*|--|u&)|\bset\s+((session|local)\s+)?(seed\b|("[^"]+"|\w+)\s*\.)|\bload\b|\bsetseed\b|\bdo\b(?!\s+(nothing|update|instead|also)\b)/i;

/** How long it may take to forget, in milliseconds: a query that nobody awaits comes first. */
const keepTimeout = 1_000;

/** What changes by itself, and what pools write on their clients. */
const volatile = new Set(['release', 'readyForQuery', 'hasExecuted', 'processID', 'secretKey', 'activeQuery']);

interface Statement {
  readonly text?: string | undefined;
  /** Of a prepared statement, which this client would go on to take for known. */
  readonly name?: string | undefined;
}

/**
 * A client whose connection can be kept from one lease to the next: to make one costs more than most tests. What the next
 * lease gets is as good as a new one, on the server and here, or it gets none.
 */
export class LeaseClient extends pg.Client {
  #isConnected = false;
  #isKept = false;
  /** Whether something was done to it that cannot be taken back. */
  #isMarked = false;
  #application: string = ownApplication;
  /** What it was like when it was new, as far as anybody may change it. */
  #look: ReadonlyMap<string, unknown> = new Map();

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const { setTypeParser } = this;
    this.setTypeParser = (...parameters: unknown[]) => {
      this.#isMarked = true;
      (setTypeParser as (...all: unknown[]) => void).apply(this, parameters);
    };
    this.once('connect', () => {
      this.#isConnected = true;
      this.#look = lookOf(this);
    });
    this.once('end', () => {
      this.#isConnected = false;
    });
  }

  /** The number of the server's process for it. */
  get backend(): number {
    return (this as unknown as { readonly processID: number }).processID;
  }

  /** Whether the connection keeps this process alive is said by these; their types leave them out. */
  get #socket(): { readonly ref: () => void; readonly unref: () => void } {
    const client = this as unknown as { ref(): void; unref(): void };
    return { ref: () => client.ref(), unref: () => client.unref() };
  }

  /** A client that was kept is connected already, and says so to the pool that it is in now. */
  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | void {
    const connecting = this.#connect();
    if (callback === undefined) {
      return connecting;
    }
    callBack(connecting, callback as (error: Error | null) => void);
  }

  // The overloads of the base class say what it gives back.
  override query(...parameters: unknown[]): never {
    const [statement] = parameters as [string | Statement | Submittable];
    const { text = '', name } = (typeof statement === 'string' ? { text: statement } : statement) as Statement;
    this.#isMarked ||= name !== undefined || lasting.test(text);
    return (super.query as (...all: unknown[]) => never).apply(this, parameters);
  }

  /** The pool that it is in may end it, unless it is kept. */
  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const ending = this.#isKept ? Promise.resolve() : super.end();
    if (callback === undefined) {
      return ending;
    }
    callBack(ending, callback as (error: Error | null) => void);
  }

  /**
   * Forgets whatever the session was told, in order to be kept. `false` where that cannot be done, or may not be enough.
   * The server's counts of what the session wrote are complete then.
   */
  async keep(): Promise<boolean> {
    if (this.#isMarked || !this.#isConnected || this.getTransactionStatus() !== 'I') {
      return false;
    }
    if (!isEqual(this.#look, lookOf(this))) {
      return false;
    }
    const deadline = { ms: keepTimeout, signal: new AbortController().signal, expired: () => new Error('it is busy') };
    try {
      await withDeadline(deadline, async () => {
        await super.query('DISCARD ALL');
        await super.query(`SET application_name = ${ownApplication}; SELECT pg_stat_force_next_flush()`);
      });
      this.#isKept = this.#isConnected;
    } catch {
      // It is lost, or somebody has left it at something.
    }
    return this.#isKept;
  }

  /** Leaves its pool behind. Whoever listened has nothing to hear any more, but a loss must not end this process. */
  park(): void {
    this.removeAllListeners();
    this.on('error', () => {});
    this.once('end', () => {
      this.#isConnected = false;
    });
    this.#socket.unref();
  }

  /** Its next life begins, for somebody else, when it is next asked to connect. */
  reuse({ application_name: application = ownApplication }: pg.ClientConfig): this {
    this.#application = application;
    return this;
  }

  /** Ends it for good. */
  async discard(): Promise<void> {
    this.#isKept = false;
    await super.end();
  }

  async #connect(): Promise<this> {
    if (!this.#isKept) {
      await super.connect();
      return this;
    }
    this.#isKept = false;
    this.#socket.ref();
    if (!this.#isConnected) {
      throw new Error('the connection that was kept has been lost');
    }
    await super.query(`SET application_name = ${this.escapeLiteral(this.#application)}`);
    return this;
  }
}

/** The properties of its own that a client has, such as a `query` that somebody has put in place of the real one. */
function lookOf(client: pg.Client): ReadonlyMap<string, unknown> {
  const names = Object.getOwnPropertyNames(client).filter((name) => !name.startsWith('_') && !volatile.has(name));
  return new Map(names.map((name) => [name, Reflect.get(client, name) as unknown]));
}

function isEqual(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => Object.is(value, other.get(name)));
}
