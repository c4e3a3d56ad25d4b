import type { Pool, PoolClient } from 'pg';
import { UnknownName } from './errors.ts';
import { transaction } from './transaction.ts';

export interface Step {
  readonly action: string;
  readonly maxAttempts: number;
}

/** One at least: a run without steps would never end. */
export type Steps = readonly [Step, ...Step[]];

export class Templates {
  readonly #db: Pool;

  constructor(db: Pool) {
    this.#db = db;
  }

  /** @throws UnknownName, which names those that there are. */
  async find(name: string): Promise<readonly Step[]> {
    const { rows } = await this.#db.query<Step>(
      `SELECT action, max_attempts AS "maxAttempts" FROM template_step WHERE template = $1 ORDER BY position`,
      [name],
    );
    if (rows.length === 0) {
      throw new UnknownName('template', name, await templateNames(this.#db));
    }
    return rows;
  }

  /** Creates it where it is missing; one that is there stays as it is. Says which it was. */
  async ensure(name: string, steps: Steps): Promise<'created' | 'found'> {
    return transaction(this.#db, async (tx) => {
      const { rowCount } = await tx.query('INSERT INTO template (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
      if (rowCount === 0) {
        return 'found';
      }
      await tx.query(
        `INSERT INTO template_step (template, position, action, max_attempts)
           SELECT $1, position, action, max_attempts
           FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS step (action, max_attempts, position)`,
        [name, steps.map(({ action }) => action), steps.map(({ maxAttempts }) => maxAttempts)],
      );
      return 'created';
    });
  }
}

export async function templateNames(db: Pool | PoolClient): Promise<readonly string[]> {
  const { rows } = await db.query<{ name: string }>('SELECT name FROM template');
  return rows.map(({ name }) => name);
}
