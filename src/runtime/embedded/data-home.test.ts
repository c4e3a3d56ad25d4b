import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { canMount, mount } from '../../../fixtures/harness/mount.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { isRoot } from '../../../fixtures/harness/users.ts';
import { startEnvironment } from '../../environment/start-environment.ts';
import { chooseDataHome } from './data-home.ts';
import { serverUser } from './server-user.ts';

const user = serverUser();

describe('the directory for the servers’ data', () => {
  test('is the one that was named', async () => {
    const named = makeDirectory();

    expect(await chooseDataHome(named, user)).toBe(named);
  });

  test('is known by its real name, by which the system knows who works there', async () => {
    const named = makeDirectory();
    const link = join(makeDirectory(), 'link');
    symlinkSync(named, link);

    expect(await chooseDataHome(link, user)).toBe(named);
  });

  test.runIf(process.platform === 'linux')('is in memory where none was named and there is room', async () => {
    expect(await chooseDataHome(undefined, user)).toBe('/dev/shm');
  });

  test.for([
    ['does not exist', '/nonexistent', 'no such file or directory'],
    ['is too long for a socket', `/tmp/${'x'.repeat(44)}`, 'its path is longer than the 48 bytes'],
    ['is too long once it is written out', `/tmp/${'ü'.repeat(22)}`, 'its path is longer than the 48 bytes'],
  ] as const)('is refused where it %s', async ([, named, objection]) => {
    await expect(chooseDataHome(named, user)).rejects.toMatchObject({
      code: 'MAYFLY_DISK_UNUSABLE',
      message: expect.stringMatching(
        new RegExp(`\\(${named}: .*${objection}.*\\)\\. Make it usable, with enough room, or name another`),
      ),
    });
  });

  // Root may write everywhere, but its servers run as nobody, who may not.
  test('is refused where its servers could not write', async () => {
    const closed = makeDirectory();
    mkdirSync(join(closed, 'open'));
    chmodSync(closed, isRoot ? 0o700 : 0o000);
    onTestFinished(() => chmodSync(closed, 0o755));

    const objection = isRoot ? 'the user "nobody"' : 'permission denied';
    await expect(chooseDataHome(join(closed, 'open'), user)).rejects.toThrow(objection);
  });
});

describe.skipIf((await isMissing('embedded')) || !canMount())('a file system for the servers’ data', () => {
  const state = useOwnState();

  afterAll(() => {
    vi.unstubAllEnvs();
    return expectNothingLeft(state);
  });

  test.for([
    ['with little room', 'size=64m', 'it has 64 MiB free and 128 MiB are needed'],
    ['that is read-only', 'ro,size=256m', 'read-only file system'],
  ] as const)('%s is refused before anything is made on it', async ([, options, objection]) => {
    const home = makeDirectory();
    using _ = mount(home, options);
    vi.stubEnv('MAYFLY_DATA_DIR', home);

    await expect(startEnvironment({}, { runtime: 'embedded' })).rejects.toMatchObject({
      code: 'MAYFLY_DISK_UNUSABLE',
      message: expect.stringMatching(new RegExp(`\\(${home}: .*${objection}`)),
    });
  });

  test('that fills up while the data are written is named, and nothing is left on it', async () => {
    const home = makeDirectory();
    // The space is there; the thousand files of a data directory are not.
    using _ = mount(home, 'size=256m,nr_inodes=100');
    vi.stubEnv('MAYFLY_DATA_DIR', home);

    await expect(startEnvironment({ redis: false }, { runtime: 'embedded' })).rejects.toMatchObject({
      code: 'MAYFLY_DISK_UNUSABLE',
      service: 'postgres',
      message: expect.stringContaining('No space left on device'),
    });
  });

  test.for([
    ['settings', 2],
    ['log', 3],
  ] as const)('that has no room for the %s of Redis is named, and nothing is left on it', async ([, files]) => {
    const home = makeDirectory();
    // Its own directory, that of the server, and what comes before.
    using _ = mount(home, `size=256m,nr_inodes=${files}`);
    vi.stubEnv('MAYFLY_DATA_DIR', home);

    await expect(startEnvironment({ postgres: false }, { runtime: 'embedded' })).rejects.toMatchObject({
      code: 'MAYFLY_DISK_UNUSABLE',
      service: 'redis',
      message: expect.stringMatching(/^There is no room left for the data of redis: ENOSPC: .* Make room where/),
      cause: { code: 'ENOSPC' },
    });
  });
});
