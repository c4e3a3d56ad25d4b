import pg, { escapeIdentifier, escapeLiteral } from 'pg';
import type { PostgresDetails } from '../../../connection/details.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { createRegistry } from './create-registry.ts';
import { registryDatabase, registrySchema } from './registry-schema.ts';

/** Who takes a lease: for people, and for the errors that name holders. */
export interface LeaseHolder {
  readonly name: string;
  readonly worker?: string | undefined;
  /** The test file. */
  readonly file?: string | undefined;
}

/** When counting began, and what the settings were, when a database was last known to equal a fresh copy. */
export interface Proof {
  readonly settings: string;
  readonly counting: string;
}

/** A database as the registry knows it. */
export interface RegisteredDatabase {
  readonly database: string;
  readonly state?: string;
  readonly session: string;
  readonly template: string;
  readonly password: string;
  readonly connections: number;
  readonly proof: Proof | null;
  readonly name?: string | null | undefined;
  readonly worker?: string | null | undefined;
  readonly file?: string | null | undefined;
  readonly since: Date;
}

/**
 * The registry of a server's databases, which lies in the server itself: any number of processes, on any number of
 * machines, share it. Whoever makes or holds a database is known by this connection, and when that is gone the database
 * comes back.
 *
 * Each method throws MayflyError `MAYFLY_POSTGRES_UNREACHABLE` when the server does not answer.
 */
export class Registry implements AsyncDisposable {
  readonly #connection: AdminConnection;
  readonly #session: string;
  #me: { readonly generation: number; readonly backend: string } | undefined;

  private constructor(connection: AdminConnection, session: string) {
    this.#connection = connection;
    this.#session = session;
  }

  /** Makes the registry where there is none yet. */
  static async open(server: PostgresDetails, session: string): Promise<Registry> {
    const connection = connectAdmin(server, registryDatabase);
    const registry = new Registry(connection, session);
    // Others take what is held by a connection that is gone: it is taken over by the next one at once.
    connection.onLost(() => void registry.#whoAmI().catch(() => {}));
    try {
      await connection.connect();
    } catch (error) {
      if (!(error instanceof Error && error.cause instanceof pg.DatabaseError && error.cause.code === '3D000')) {
        throw error;
      }
      await createRegistry(server);
    }
    try {
      await registry.#install();
      return registry;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #install(): Promise<void> {
    const { rows } = await this.#connection.query<{ isThere: boolean }>(
      `SELECT to_regprocedure('mayfly_1.reclaim()') IS NOT NULL AS "isThere"`,
    );
    if (rows[0]?.isThere !== true) {
      await this.#connection.query(registrySchema);
    }
  }

  get session(): string {
    return this.#session;
  }

  get connection(): AdminConnection {
    return this.#connection;
  }

  /** Takes a database that is ready, or `undefined` where there is none. */
  async take(template: string, { name, worker, file }: LeaseHolder): Promise<RegisteredDatabase | undefined> {
    const me = await this.#whoAmI();
    const { rows } = await this.#connection.query<RegisteredDatabase>(
      'SELECT * FROM mayfly_1.take($1, $2, $3, $4, $5, $6)',
      [this.#session, template, me, name, worker, file],
    );
    return rows[0];
  }

  /** Reserves a name and connections for a new database, or `undefined` where there is no room. */
  async reserve(
    template: string,
    { password, connections, capacity }: { password: string; connections: number; capacity: number },
  ): Promise<string | undefined> {
    const me = await this.#whoAmI();
    const { rows } = await this.#connection.query<{ database: string | null }>(
      'SELECT mayfly_1.reserve($1, $2, $3, $4, $5, $6) AS database',
      [this.#session, template, password, connections, capacity, me],
    );
    return rows[0]?.database ?? undefined;
  }

  /**
   * A new database becomes the holder's at once. `false` where it is no longer ours: the connection was lost, and it was
   * reclaimed.
   */
  async hold(database: string, proof: Proof, { name, worker, file }: LeaseHolder): Promise<boolean> {
    const me = await this.#whoAmI();
    const { rowCount } = await this.#connection.query(
      `UPDATE mayfly_1.database SET state = 'taken', proof = $2, name = $3, worker = $4, file = $5, since = now()
        WHERE database = $1 AND backend = $6 AND state = 'making'`,
      [database, proof, name, worker, file, me],
    );
    return rowCount === 1;
  }

  /**
   * Puts a database that equals a fresh copy among those that are ready, and lets its next holder connect to it. `false`
   * where it is no longer ours to give: the connection was lost, and it was reclaimed.
   */
  async offer(
    database: string,
    { password, proof }: { readonly password: string; readonly proof: Proof },
    limit: number,
  ): Promise<boolean> {
    const me = await this.#whoAmI();
    const [, offered] = await this.#connection.queryAll(`
      ALTER DATABASE ${escapeIdentifier(database)} CONNECTION LIMIT ${limit};
      UPDATE mayfly_1.database
        SET state = 'ready', password = ${escapeLiteral(password)}, proof = ${escapeLiteral(JSON.stringify(proof))},
          name = NULL, worker = NULL, file = NULL, since = now()
        WHERE database = ${escapeLiteral(database)} AND backend = ${escapeLiteral(me)} AND state IN ('making', 'taken')`);
    return offered?.rowCount === 1;
  }

  /** Gives a database up, to be dropped. */
  async giveUp(database: string): Promise<void> {
    await this.#connection.query(
      `UPDATE mayfly_1.database SET state = 'returned', since = now() WHERE database = $1 AND state <> 'kept'`,
      [database],
    );
  }

  /** Keeps a database for people to look at. */
  async keep(database: string): Promise<void> {
    await this.#connection.query(`UPDATE mayfly_1.database SET state = 'kept', since = now() WHERE database = $1`, [
      database,
    ]);
  }

  /** The next database to be dropped, which is the caller's to drop from now on. */
  async nextToDrop(): Promise<string | undefined> {
    const me = await this.#whoAmI();
    const { rows } = await this.#connection.query<{ database: string }>(
      `UPDATE mayfly_1.database SET state = 'dropping', backend = $1
        WHERE database = (SELECT database FROM mayfly_1.database WHERE state = 'returned'
          ORDER BY since LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING database`,
      [me],
    );
    return rows[0]?.database;
  }

  async forget(database: string): Promise<void> {
    await this.#connection.query('DELETE FROM mayfly_1.database WHERE database = $1', [database]);
  }

  /** How many databases this run has of a template: ready, held, or being made. */
  async count(template: string): Promise<number> {
    const { rows } = await this.#connection.query<{ count: number }>(
      `SELECT count(*)::int FROM mayfly_1.database
        WHERE state IN ('making', 'ready', 'taken') AND session = $1 AND template = $2`,
      [this.#session, template],
    );
    return rows[0]?.count ?? 0;
  }

  /** Gives up what holders that are gone held, and says what that was. */
  async reclaim(): Promise<RegisteredDatabase[]> {
    const { rows } = await this.#connection.query<RegisteredDatabase>('SELECT * FROM mayfly_1.reclaim()', []);
    return rows;
  }

  /** The databases that are held, of all runs, longest first. */
  async held(): Promise<RegisteredDatabase[]> {
    const { rows } = await this.#connection.query<RegisteredDatabase>(
      `SELECT * FROM mayfly_1.database WHERE state IN ('taken', 'kept') ORDER BY since`,
      [],
    );
    return rows;
  }

  /** Whether the caller is to keep databases ready for this run from now on. */
  async becomeKeeper(): Promise<boolean> {
    const me = await this.#whoAmI();
    const { rows } = await this.#connection.query('SELECT mayfly_1.keep($1, $2)', [this.#session, me]);
    return rows.length > 0;
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** This connection as it is written down. */
  async #whoAmI(): Promise<string> {
    const known = this.#me;
    if (known !== undefined && known.generation === this.#connection.generation) {
      return known.backend;
    }
    const { rows } = await this.#connection.query<{ me: string }>('SELECT mayfly_1.me()', []);
    const backend = rows[0]?.me ?? '';
    if (known !== undefined) {
      // What was held by way of the connection that was lost, and that nobody has taken meanwhile.
      await this.#connection.query('UPDATE mayfly_1.database SET backend = $1 WHERE backend = $2 AND state <> $3', [
        backend,
        known.backend,
        'returned',
      ]);
    }
    this.#me = { generation: this.#connection.generation, backend };
    return backend;
  }
}
