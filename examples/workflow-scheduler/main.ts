/** The program: `DATABASE_URL`, `PORT` and `HOST` say where, `POLL_MS` how often it looks for what is due. */
import { setInterval } from 'node:timers/promises';
import pg from 'pg';
import { actions } from './actions.ts';
import { EventFeed } from './event-feed.ts';
import { LiveServer } from './live-server.ts';
import { Scheduler } from './scheduler.ts';
import { Worker } from './worker.ts';

const { DATABASE_URL, PORT = '8080', HOST = '0.0.0.0', POLL_MS = '1000' } = process.env;
const now = () => new Date();
const db = new pg.Pool({ connectionString: DATABASE_URL, max: 3 });
const scheduler = new Scheduler(db, now);
const worker = new Worker(db, { now, actions, backoff: { base: 1_000, max: 60_000, random: Math.random } });

const told = new AbortController();
process.once('SIGTERM', () => told.abort());
process.once('SIGINT', () => told.abort());

// It listens at once, and says that it is ready when it is.
const opening = EventFeed.open(db);
const live = new LiveServer(db, opening);
await live.listen({ port: Number(PORT), host: HOST });
// Should its connection be lost, nobody hears the error, and the program ends: whoever started it starts it again.
const feed = await opening;

try {
  for await (const _ of setInterval(Number(POLL_MS), undefined, { signal: told.signal })) {
    await scheduler.startDue();
    await worker.drain();
  }
} catch (error) {
  if (!told.signal.aborted) {
    throw error;
  }
} finally {
  await live.close();
  feed.close();
  await db.end();
}
