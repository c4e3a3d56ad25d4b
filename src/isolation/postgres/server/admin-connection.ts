import pg, { type ClientConfig, type QueryResult, type QueryResultRow } from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { noRoom, saysNoRoom } from '../../../errors/no-room.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { withDeadline } from '../../../service/deadline.ts';
import { adminConfig } from './admin-config.ts';

/** How long a connection may take to be made, in milliseconds. */
const connectTimeout = 5_000;

/** How long an answer is waited for, in milliseconds: a copy of a large template takes its time. */
const answerTimeout = 60_000;

const forever = new AbortController().signal;

/** Of a prepared statement, in bytes (PostgreSQL documentation, "Identifiers and Key Words"). */
const longestName = 63;

/**
 * One connection to a server, made when it is first used and again after it was lost. Statements are carried out one
 * after the other.
 */
export class AdminConnection implements AsyncDisposable {
  readonly #config: ClientConfig;
  readonly #setup: readonly string[];
  #connecting: Promise<pg.Client> | undefined;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();
  /** Raised with every connection: what was begun on an earlier one was lost with it. */
  #generation = 0;
  #heedLoss: () => void = () => {};

  /** `setup` is carried out whenever a connection has been made; whoever needs what the server refuses of it, hears of it. */
  constructor(config: ClientConfig, setup: readonly string[] = []) {
    this.#config = config;
    this.#setup = setup;
  }

  /** Has somebody hear of it when a connection that was made is lost. */
  onLost(heed: () => void): void {
    this.#heedLoss = heed;
  }

  get generation(): number {
    return this.#generation;
  }

  /**
   * Carries out one statement with values, or any number without.
   *
   * @throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE` when there is no connection, or it is lost meanwhile;
   * `MAYFLY_DISK_UNUSABLE` when the server has no room. What else the server itself says no to is thrown as it is.
   */
  async query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    // Prepared once where the text itself can be its name.
    const name = values !== undefined && text.length <= longestName ? text : undefined;
    return this.#inTurn((client) =>
      values === undefined ? client.query<Row>(text) : client.query<Row>({ text, values, name }),
    );
  }

  /** Carries out any number of statements in one message, and gives the answer to each. */
  async queryAll(text: string): Promise<QueryResult[]> {
    return this.#inTurn(async (client) => {
      const results: QueryResult | QueryResult[] = await client.query(text);
      return [results].flat();
    });
  }

  /** The client behind it, connected. */
  async connect(): Promise<pg.Client> {
    this.#connecting ??= this.#connect();
    return this.#connecting;
  }

  /** Ends the connection, and whatever it is at. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#connecting?.catch(() => undefined);
    await client?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The client itself expects one statement at a time. */
  async #inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const own = this.#last.then(async () => {
      const client = await this.connect();
      const expired = (): Error => {
        // What it is at is ended with it.
        void client.end().catch(() => {});
        return new Error(`no answer within ${answerTimeout} ms`);
      };
      try {
        return await withDeadline({ ms: answerTimeout, signal: forever, expired }, () => work(client));
      } catch (error) {
        throw isAnswer(error) ? error : failed(error);
      }
    });
    this.#last = own.catch(() => {});
    return own;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionTimeoutMillis: connectTimeout, ...this.#config });
    let isMade = false;
    const forget = (): void => {
      if (this.#generation === generation && this.#connecting !== undefined) {
        this.#connecting = undefined;
        if (isMade && !this.#isClosed) {
          this.#heedLoss();
        }
      }
    };
    this.#generation += 1;
    const generation = this.#generation;
    client.on('error', forget);
    client.on('end', forget);
    try {
      if (this.#isClosed) {
        throw new Error('the connection was closed');
      }
      await client.connect();
      for (const statement of this.#setup) {
        await client.query(statement).catch(unlessLost);
      }
      isMade = true;
      return client;
    } catch (error) {
      forget();
      throw isRefusal(error) ? refused(error) : failed(error);
    }
  }
}

/** Classes 28 and 42: the login, or a privilege that it lacks. */
function isRefusal(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(28|42)/.test(error.code ?? '');
}

/** What the server says no to is no reason to give the connection up. */
function unlessLost(error: unknown): void {
  if (!isAnswer(error)) {
    throw error;
  }
}

/** Whether the server has carried on, and only says no: not where it ends the session, or has no room left. */
function isAnswer(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && !endsConnection(error) && !saysNoRoom(error);
}

function refused(cause: pg.DatabaseError): MayflyError {
  return new MayflyError('MAYFLY_EXTERNAL_REFUSED', {
    message: `Postgres refused a connection: ${reasonOf(cause)}.`,
    remedy: 'Use the user that made this database, or grant CONNECT on it; `mayfly` holds the registry of leases.',
    service: 'postgres',
    phase: 'run',
    cause,
  });
}

/** Class 57, operator intervention, ends the session (PostgreSQL documentation, "PostgreSQL Error Codes"). */
function endsConnection({ code }: pg.DatabaseError): boolean {
  return code?.startsWith('57P') ?? false;
}

function failed(cause: unknown): MayflyError {
  if (saysNoRoom(cause)) {
    return noRoom({ service: 'postgres', phase: 'run', cause });
  }
  return new MayflyError('MAYFLY_POSTGRES_UNREACHABLE', {
    message: `Postgres cannot be reached: ${reasonOf(cause)}.`,
    remedy: 'See whether the server still runs; it may have been stopped, or have crashed.',
    service: 'postgres',
    phase: 'run',
    cause,
  });
}

/** A connection to one of a server's databases, with the server's own user. */
export function connectAdmin(server: PostgresDetails, database: string, setup?: readonly string[]): AdminConnection {
  return new AdminConnection(adminConfig(server, database), setup);
}
