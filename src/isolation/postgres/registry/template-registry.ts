import type { Baseline } from '../template/baseline.ts';
import type { Registry } from './registry.ts';

/** What a complete template holds, or `undefined` where there is none of this name or it was left half done. */
export async function findTemplate({ connection }: Registry, template: string): Promise<Baseline | undefined> {
  const { rows } = await connection.query<{ baseline: Baseline | null }>(
    `SELECT baseline FROM mayfly_1.template JOIN pg_database ON datname = template
      WHERE template = $1 AND datistemplate AND NOT datallowconn`,
    [template],
  );
  return rows[0]?.baseline ?? undefined;
}

/** Writes down that a template is being built. One that is not shared goes with this session. */
export async function beginTemplate(
  { connection, session }: Registry,
  template: string,
  isShared: boolean,
): Promise<void> {
  await connection.query(
    `INSERT INTO mayfly_1.template (template, session) VALUES ($1, $2)
      ON CONFLICT (template) DO UPDATE SET baseline = NULL, since = now()`,
    [template, isShared ? null : session],
  );
}

/** Writes down what a template holds. */
export async function describeTemplate({ connection }: Registry, template: string, baseline: Baseline): Promise<void> {
  await connection.query('UPDATE mayfly_1.template SET baseline = $2 WHERE template = $1', [template, baseline]);
}

export async function forgetTemplate({ connection }: Registry, template: string): Promise<void> {
  await connection.query('DELETE FROM mayfly_1.template WHERE template = $1', [template]);
}
