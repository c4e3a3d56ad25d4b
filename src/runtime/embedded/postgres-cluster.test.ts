import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { askPostgres } from '../../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { expectNothingLeft, leftoversOf } from '../../../fixtures/harness/leftovers.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

/** What happens to the archive of the data directory in the cache. */
const damages: Record<string, (archive: string) => void> = {
  'is cut off': (archive) => truncateSync(archive, 1_000_000),
  'is empty': (archive) => truncateSync(archive, 0),
  'lacks base': (archive) => repack(archive, (data) => rmSync(join(data, 'base'), { recursive: true })),
  'holds nonsense for a control file': (archive) =>
    repack(archive, (data) => writeFileSync(join(data, 'global/pg_control'), Buffer.alloc(8_192, 'x'))),
};

describe.skipIf(await isMissing('embedded'))('a cached data directory that', () => {
  let archive: string;

  beforeAll(async () => {
    const cache = makeDirectory();
    process.env['MAYFLY_CACHE_DIR'] = cache;
    await notesOfRun();
    [archive] = globSync(join(cache, 'cluster-*/data.tar')) as [string];
  });

  test.for(Object.entries(damages))('%s is made anew, which is said once', async ([, damage]) => {
    damage(archive);

    expect(await notesOfRun()).toEqual([expect.stringMatching(/data directory.*made anew/)]);
  });

  test('was made anew is sound', async () => {
    expect(await notesOfRun()).toEqual([]);
  });

  test("cannot be unpacked even when it was made anew is an error in tar's words", async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    const programs = makeDirectory();
    const tar = `#!/bin/sh\ncase $1 in --extract) echo 'tar: no such key' >&2; exit 2;; esac\nPATH=$REAL_PATH exec tar "$@"\n`;
    writeFileSync(join(programs, 'tar'), tar, { mode: 0o755 });
    vi.stubEnv('REAL_PATH', process.env['PATH']);
    vi.stubEnv('PATH', [programs, process.env['PATH']].join(delimiter));

    await expect(notesOfRun()).rejects.toMatchObject({
      code: 'MAYFLY_CACHE_UNUSABLE',
      message: expect.stringContaining('cannot be unpacked (tar: no such key)'),
    });
    expect(await leftoversOf(state)).toEqual([]);
  });
});

/** Has a Postgres answer a query, and returns what the user was told meanwhile. */
async function notesOfRun(): Promise<string[]> {
  const notes: string[] = [];
  await using environment = await startEnvironment(
    { redis: false },
    { runtime: 'embedded', onProgress: (event) => void (event.type === 'note' && notes.push(event.message)) },
  );
  expect(await askPostgres(environment.details.postgres.url, 'SELECT 1')).toBe(1);
  return notes;
}

/** Changes what the archive holds. */
function repack(archive: string, change: (data: string) => void): void {
  const data = `${archive}.unpacked`;
  mkdirSync(data);
  execFileSync('tar', ['-C', data, '--numeric-owner', '-xf', archive]);
  change(data);
  execFileSync('tar', ['-C', data, '-cf', archive, '.']);
  rmSync(data, { recursive: true });
}
