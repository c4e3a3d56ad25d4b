import { randomBytes } from 'node:crypto';
import type { LeasePlan } from '../lease-plan.ts';
import { registryDatabase } from '../registry/registry-schema.ts';
import type { Proof, RegisteredDatabase, Registry } from '../registry/registry.ts';
import { connectAdmin, type AdminConnection } from '../server/admin-connection.ts';
import { createDatabase } from './create-database.ts';
import { dropDatabase } from './drop-database.ts';

/** A new database, not yet anybody's. */
export type MadeDatabase = RegisteredDatabase & { readonly proof: Proof };

/** Makes and drops the databases of one run, over a connection of its own: each takes a while. */
export class DatabaseMaker {
  readonly #plan: LeasePlan;
  readonly #registry: Registry;
  readonly #connection: AdminConnection;

  constructor(plan: LeasePlan, registry: Registry) {
    this.#plan = plan;
    this.#registry = registry;
    this.#connection = this.#connect(registryDatabase);
  }

  /** A copy of the template, or `undefined` where the budget has no room for it. */
  async make(): Promise<MadeDatabase | undefined> {
    const { session, template, access, strategy, budget } = this.#plan;
    const password = randomBytes(24).toString('hex');
    const connections = budget.perDatabase;
    const database = await this.#registry.reserve(template, { password, connections, capacity: budget.all });
    if (database === undefined) {
      return undefined;
    }
    try {
      const wanted = { database, template, password, connections, access };
      const proof = await createDatabase(this.#connection, wanted, strategy);
      return { database, session, template, password, connections, proof, name: '', since: new Date() };
    } catch (error) {
      await this.#registry.giveUp(database).catch(() => {});
      throw error;
    }
  }

  async drop(database: string): Promise<void> {
    await dropDatabase(this.#connection, database, (name) => this.#connect(name));
    await this.#registry.forget(database);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #connect(database: string): AdminConnection {
    return connectAdmin(this.#plan.server, database);
  }
}
