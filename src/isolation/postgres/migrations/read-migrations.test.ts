import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryWith } from '../../../../fixtures/migrations/own-directory.ts';
import { readMigrations } from './read-migrations.ts';

const select = 'SELECT 1;';
const unreadable = { code: 'MAYFLY_MIGRATIONS_UNREADABLE', service: 'postgres', phase: 'provision' };

async function namesIn(...files: string[]): Promise<string[]> {
  const directory = directoryWith(Object.fromEntries(files.map((file) => [file, select])));
  return (await readMigrations(directory)).map(({ name }) => name);
}

test('a migration is known by its relative name, and has its absolute path and text', async () => {
  const directory = directoryWith({ 'a/b.sql': select });

  expect(await readMigrations(directory)).toEqual([
    { name: 'a/b.sql', file: join(directory, 'a/b.sql'), sql: select, transaction: true },
  ]);
});

test('the folders of drizzle, prisma, supabase, golang-migrate and diesel are read as they are', async () => {
  expect(await namesIn('0000_init.sql', '0001_more.sql', 'meta/_journal.json')).toHaveLength(2);
  expect(await namesIn('20240101_init/migration.sql', '20240102_b/migration.sql', 'migration_lock.toml')).toHaveLength(
    2,
  );
  expect(await namesIn('000001_a.up.sql', '000001_a.down.sql')).toEqual(['000001_a.up.sql']);
  expect(await namesIn('2024_a/up.sql', '2024_a/down.sql', 'slow_down.sql')).toEqual([
    '2024_a/up.sql',
    'slow_down.sql',
  ]);
});

test('what begins with a dot is left out', async () => {
  expect(await namesIn('1.sql', '._1.sql', '.backup/1.sql')).toEqual(['1.sql']);
});

test('links to files and directories are followed, and a circle of them ends', async () => {
  const elsewhere = directoryWith({ 'shared/2.sql': select, '3.sql': select });
  const directory = directoryWith({ '1.sql': select });
  symlinkSync(join(elsewhere, 'shared'), join(directory, 'shared'));
  symlinkSync(join(elsewhere, '3.sql'), join(directory, '3.sql'));
  symlinkSync(directory, join(directory, 'again'));

  expect((await readMigrations(directory)).map(({ name }) => name)).toEqual(['1.sql', '3.sql', 'shared/2.sql']);
});

test('of many files, each is read, in order', async () => {
  const files = Array.from({ length: 100 }, (_, index) => [`${index}.sql`, `SELECT ${index};`]);
  const migrations = await readMigrations(directoryWith(Object.fromEntries(files)));

  expect(migrations.map(({ name, sql }) => [name, sql])).toEqual(files);
});

test('a byte order mark is taken away', async () => {
  const [migration] = await readMigrations(directoryWith({ '1.sql': `\uFEFF${select}` }));

  expect(migration?.sql).toBe(select);
});

test.each([
  { what: 'without a .sql file', files: { 'readme.md': '' }, says: /has no \.sql file to run/ },
  { what: 'with nothing but steps back', files: { '1.down.sql': select }, says: /has no \.sql file to run/ },
  {
    what: 'with a file in Latin-1',
    files: { '1.sql': Buffer.from('é', 'latin1') },
    says: /1\.sql could not be read.*UTF-8/,
  },
  {
    what: 'with a file in UTF-16',
    files: { '1.sql': Buffer.from(select, 'utf16le') },
    says: /1\.sql could not be read.*UTF-16/,
  },
])('a directory $what is refused', async ({ files, says }) => {
  await expect(readMigrations(directoryWith(files))).rejects.toMatchObject({
    ...unreadable,
    message: expect.stringMatching(says),
  });
});

test('a directory that is missing, is a file, or has a link to nothing is refused', async () => {
  const directory = directoryWith({ 'a.sql': select });
  mkdirSync(join(directory, 'links'));
  symlinkSync(join(directory, 'nothing.sql'), join(directory, 'links/1.sql'));

  for (const place of ['missing', 'a.sql', 'links']) {
    await expect(readMigrations(join(directory, place))).rejects.toMatchObject({
      ...unreadable,
      message: expect.stringMatching(/could not be read: .*\. Name a directory that exists and can be read\.$/),
    });
  }
});
