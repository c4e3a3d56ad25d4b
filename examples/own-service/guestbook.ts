import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';

/** The application under test: a guestbook behind HTTP, on Postgres. */
export async function startGuestbook(databaseUrl: string) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  await pool.query('CREATE TABLE IF NOT EXISTS entries (id serial PRIMARY KEY, name text NOT NULL)');

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === 'POST') {
      await pool.query('INSERT INTO entries (name) VALUES ($1)', [await text(request)]);
      response.writeHead(201);
    }
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM entries ORDER BY id');
    response.end(JSON.stringify(rows.map(({ name }) => name)));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    ping: async () => {
      await pool.query('SELECT 1');
    },
    clear: async () => {
      await pool.query('TRUNCATE entries RESTART IDENTITY');
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}
