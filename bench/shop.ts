import type pg from 'pg';
import { Client } from 'pg';

/** The tables that tests write to: five customers' worth of a shop, each of four tables that refer to one another. */
const groups = ['north', 'east', 'south', 'west', 'centre'] as const;
const parts = ['customer', 'purchase', 'item', 'payment'] as const;

/** What is looked up and never written to: about as much as an empty database holds itself. */
const lookups = `
  CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL UNIQUE);
  INSERT INTO country SELECT 'C' || n, 'country ' || n FROM generate_series(1, 250) AS n;
  CREATE TABLE product (id int PRIMARY KEY, name text NOT NULL UNIQUE, price int NOT NULL, words text NOT NULL);
  INSERT INTO product SELECT n, 'product ' || n, n % 100, repeat(md5(n::text), 6) FROM generate_series(1, 6000) AS n;
  CREATE INDEX ON product (price);`;

/** Twenty tables, each with a key, an index and a reference or two. */
const tables = groups.map(
  (group) => `
  CREATE TABLE ${group}_customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE,
    country text NOT NULL REFERENCES country, created timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON ${group}_customer (country);
  CREATE TABLE ${group}_purchase (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer bigint NOT NULL REFERENCES ${group}_customer, state text NOT NULL DEFAULT 'open', placed timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON ${group}_purchase (customer, placed);
  CREATE TABLE ${group}_item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase bigint NOT NULL REFERENCES ${group}_purchase, product int NOT NULL REFERENCES product, amount int NOT NULL);
  CREATE INDEX ON ${group}_item (purchase);
  CREATE TABLE ${group}_payment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase bigint NOT NULL REFERENCES ${group}_purchase, cents int NOT NULL CHECK (cents >= 0));
  CREATE INDEX ON ${group}_payment (purchase);`,
);

/** The names of the twenty. */
export const written: readonly string[] = groups.flatMap((group) => parts.map((part) => `${group}_${part}`));

/** Makes the tables, and fills those that are looked up: about 10 MB. */
export async function migrateShop({ url }: { readonly url: string }): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const migration of [lookups, ...tables]) {
      await client.query(migration);
    }
  } finally {
    await client.end();
  }
}

/**
 * A test as many are: it inserts into three of the tables, and looks at what came of it. Throws where it is not alone in
 * its database.
 */
export async function buys(db: pg.Pool | Client, number: number): Promise<void> {
  const group = groups[number % groups.length] ?? 'north';
  const insert = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    const { rows } = await db.query<{ id: unknown }>(`INSERT INTO ${group}_${text} RETURNING id`, [...values]);
    return rows[0]?.id;
  };
  const customer = await insert('customer (email, country) VALUES ($1, $2)', ['ada@example.org', 'C7']);
  const purchase = await insert('purchase (customer) VALUES ($1)', [customer]);
  await insert('item (purchase, product, amount) SELECT $1, n, n FROM generate_series(1, 3) AS n', [purchase]);
  const { rows } = await db.query(
    `SELECT count(*)::int AS items, sum(amount * price)::int AS cents,
      (SELECT count(*)::int FROM ${group}_customer) AS customers
      FROM ${group}_purchase JOIN ${group}_item i ON i.purchase = ${group}_purchase.id JOIN product p ON p.id = i.product`,
  );
  if (JSON.stringify(rows) !== '[{"items":3,"cents":14,"customers":1}]') {
    throw new Error(`the test found what another left: ${JSON.stringify(rows)}`);
  }
}
