import { rm } from 'node:fs/promises';
import type pg from 'pg';
import { png } from './samples.ts';
import { expect, test as base } from './test-context.ts';

/** Everything that an upload leaves behind, in all the places where it does. */
const test = base.extend('traces', ({ pg, storage }) => async () => ({
  files: [...(await storage.ids())].sort(),
  rows: await column(pg, 'SELECT id AS value FROM media ORDER BY id'),
  events: await column(pg, 'SELECT kind AS value FROM event ORDER BY number'),
  usedBytes: await column(pg, 'SELECT used_bytes::int AS value FROM account ORDER BY used_bytes'),
}));

const nothing = { files: [], rows: [], events: [], usedBytes: [0] };

test('an upload is a file, a row, used room and an event', async ({ ada, traces }) => {
  const { id } = await ada.store('Metropolis.png');

  expect(await traces()).toEqual({ files: [id], rows: [id], events: ['media-added'], usedBytes: [100] });
});

test('what is removed is gone everywhere, and others are told', async ({ ada, traces }) => {
  const { id } = await ada.store('Metropolis.png');

  expect(await ada.fetch(`/media/${id}`, { method: 'DELETE' })).toMatchObject({ status: 204 });

  expect(await traces()).toEqual({ ...nothing, events: ['media-added', 'media-removed'] });
});

test('where the row is refused nothing is left of it, the file included', async ({ ada, traces }) => {
  await ada.store('Metropolis.png');
  const before = await traces();

  expect(await ada.upload('Metropolis.png', png(200))).toMatchObject({ status: 409 });

  expect(await traces()).toEqual(before);
});

test('where there is no room nothing is left of it', async ({ join, traces }) => {
  const ada = await join('ada', { quotaBytes: 150 });

  expect(await ada.upload('Metropolis.png', png(151))).toMatchObject({ status: 507 });

  expect(await traces()).toEqual(nothing);
});

// Each test has a database of its own, so it may break it.
test('where others cannot be told nothing is left of it, and nothing is said of why', async ({ ada, pg, traces }) => {
  await pg.query('ALTER TABLE event ADD CONSTRAINT out_of_order CHECK (false)');

  const answer = await ada.upload('Metropolis.png');

  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ code: 'unexpected' });
  expect(await traces()).toEqual(nothing);
});

test('where the file cannot be written there is no row', async ({ ada, storage, traces, pg }) => {
  await rm(storage.directory, { recursive: true });

  expect(await ada.upload('Metropolis.png')).toMatchObject({ status: 500 });

  expect(await column(pg, 'SELECT id AS value FROM media')).toEqual([]);
  await expect(traces()).rejects.toThrow('ENOENT');
});

test('where a removal is rolled back the file is still there', async ({ ada, pg, traces }) => {
  const { id } = await ada.store('Metropolis.png');
  await pg.query("ALTER TABLE event ADD CONSTRAINT out_of_order CHECK (kind <> 'media-removed')");
  const before = await traces();

  expect(await ada.fetch(`/media/${id}`, { method: 'DELETE' })).toMatchObject({ status: 500 });

  expect(await traces()).toEqual(before);
  expect(await ada.fetch(`/media/${id}/file`)).toMatchObject({ status: 200 });
});

test('of ten at once as many are stored as there is room for', async ({ join, traces }) => {
  const ada = await join('ada', { quotaBytes: 350 });

  const answers = await Promise.all(Array.from({ length: 10 }, async (_, number) => ada.upload(`${number}.png`)));

  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(3);
  expect(statuses.filter((status) => status === 507)).toHaveLength(7);
  const { files, rows, events, usedBytes } = await traces();
  expect(files).toEqual(rows);
  expect({ files: files.length, events: events.length, usedBytes }).toEqual({ files: 3, events: 3, usedBytes: [300] });
});

test('of ten of one name at once one is stored', async ({ ada, traces }) => {
  const answers = await Promise.all(Array.from({ length: 10 }, async () => ada.upload('Metropolis.png')));

  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  const { files, rows, usedBytes } = await traces();
  expect(files).toEqual(rows);
  expect(usedBytes).toEqual([100]);
});

async function column(pool: pg.Pool, sql: string): Promise<unknown[]> {
  const { rows } = await pool.query<{ value: unknown }>(sql);
  return rows.map(({ value }) => value);
}
