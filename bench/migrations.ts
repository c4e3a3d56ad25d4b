import pg from 'pg';

const count = 50;

/** What a schema goes through in its life: tables with keys, more columns, indexes, rows, views. Each is one step. */
const migrations: readonly string[] = Array.from({ length: count }, (_, index) => {
  const table = `table_${Math.floor(index / 5)}`;
  const steps = [
    `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE)`,
    `ALTER TABLE ${table} ADD COLUMN amount bigint NOT NULL DEFAULT 0, ADD COLUMN created timestamptz DEFAULT now()`,
    `CREATE INDEX ON ${table} (created, amount)`,
    `INSERT INTO ${table} (name, amount) SELECT 'name ' || n, n FROM generate_series(1, 20) AS n`,
    `ALTER TABLE ${table} ADD COLUMN parent bigint REFERENCES ${table};
     CREATE VIEW ${table}_totals AS SELECT parent, sum(amount) AS total FROM ${table} GROUP BY parent`,
  ];
  return `${steps[index % steps.length] ?? ''}; INSERT INTO migrations (id) VALUES (${index})`;
});

/** Applies the migrations one by one, each in a transaction of its own, as migration tools do. */
export async function migrate(execute: (sql: string) => Promise<unknown>): Promise<void> {
  await execute('CREATE TABLE migrations (id integer PRIMARY KEY, applied timestamptz DEFAULT now())');
  for (const migration of migrations) {
    await execute(migration);
  }
}

/** Applies them to the server at this URL, over one connection. */
export async function migrateAt(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await migrate((sql) => client.query(sql));
  } finally {
    await client.end();
  }
}
