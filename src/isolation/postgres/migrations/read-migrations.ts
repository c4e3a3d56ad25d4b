import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MayflyError } from '../../../errors/mayfly-error.ts';
import { reasonOf } from '../../../errors/reason.ts';
import { inBatches } from './in-batches.ts';
import { listFiles, type ListedFile } from './list-files.ts';
import { naturalOrder } from './natural-order.ts';
import { upSection, type UpSection } from './up-section.ts';

/** A file of SQL statements that takes the schema one step forward. */
export interface Migration extends UpSection {
  /** The file's path relative to the directory, with slashes. */
  readonly name: string;
  /** The file's absolute path. */
  readonly file: string;
}

/**
 * Reads every `.sql` file below a directory, in the order in which they are to run: by relative path, numbers by their
 * value. Files that take a step back (`….down.sql`, `down.sql`) are left out, and so are the sections of other files
 * that do.
 *
 * @throws MayflyError `MAYFLY_MIGRATIONS_UNREADABLE` when the directory or a file of it cannot be read, a file is not
 * UTF-8 text, or there is none.
 */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const home = resolve(directory);
  const files = (await list(home)).filter(({ name }) => /\.sql$/i.test(name) && !/(^|[./])down\.sql$/i.test(name));
  if (files.length === 0) {
    throw new MayflyError('MAYFLY_MIGRATIONS_UNREADABLE', {
      message: `${home} has no .sql file to run.`,
      remedy:
        'Name the directory that holds the migrations; for migrations that are programs, give a function instead.',
      service: 'postgres',
      phase: 'provision',
    });
  }
  files.sort((a, b) => naturalOrder(a.name, b.name));
  return inBatches(files, read);
}

async function list(home: string): Promise<ListedFile[]> {
  try {
    return [...(await listFiles(home))];
  } catch (error) {
    throw unreadable(`The migrations in ${home}`, error, 'Name a directory that exists and can be read.');
  }
}

async function read({ name, file }: ListedFile): Promise<Migration> {
  try {
    const bytes = await readFile(file);
    return { name, file, ...upSection(decode(bytes)) };
  } catch (error) {
    throw unreadable(`The migration ${file}`, error, 'Make it a file that can be read, of UTF-8 text.');
  }
}

function decode(bytes: Uint8Array): string {
  // Without the byte order mark, which the decoder takes away.
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  if (text.includes('\0')) {
    // The protocol ends a query at its first zero, and what comes after it would not be run.
    throw new Error('it has zero bytes, as UTF-16 has');
  }
  return text;
}

function unreadable(what: string, cause: unknown, remedy: string): MayflyError {
  return new MayflyError('MAYFLY_MIGRATIONS_UNREADABLE', {
    message: `${what} could not be read: ${reasonOf(cause)}.`,
    remedy,
    service: 'postgres',
    phase: 'provision',
    cause,
  });
}
