import { execFileSync } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { containerAt } from '../../fixtures/harness/containers.ts';
import { makeDirectory } from '../../fixtures/harness/directories.ts';
import { fill, openNameless } from '../../fixtures/harness/fill-disk.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { expectNothingLeft } from '../../fixtures/harness/leftovers.ts';
import { canMount, mount } from '../../fixtures/harness/mount.ts';
import { isMissing } from '../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../fixtures/harness/state.ts';
import { isMayflyError } from '../errors/mayfly-error.ts';
import { connectAdmin } from '../isolation/postgres/server/admin-connection.ts';
import type { LeaseOffice } from './leases/lease-office.ts';
import { withPostMortem } from './leases/with-post-mortem.ts';
import { startEnvironment } from './start-environment.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

const withoutRoom = {
  code: 'MAYFLY_DISK_UNUSABLE',
  service: 'postgres',
  message: expect.stringMatching(/^There is no room left for the data of postgres[^]*\. Make room where/),
};

/** As small as the disk of the other tests, with a file in it that takes what is left. */
async function fillMemoryOf(place: string): Promise<FileHandle> {
  const { State } = await (await containerAt(place)).inspect();
  const enter = ['--target', String(State.Pid), '--mount'];
  execFileSync('nsenter', [...enter, 'mount', '-o', 'remount,size=200m', '/mayfly'], { stdio: 'pipe' });
  const filler = await openNameless(`/proc/${State.Pid}/root/mayfly/filler`);
  await fill(filler);
  return filler;
}

/** None is made in the background, and each is made anew. */
const leases = { ready: 0, mode: 'clone' } as const;

describe.skipIf((await isMissing('embedded')) || !canMount())('on a disk that has filled up', () => {
  let disk: string;
  let unmount: () => void;
  let filler: FileHandle | undefined;

  beforeEach(() => {
    disk = makeDirectory();
    const mounted = mount(disk, 'size=200m');
    unmount = () => mounted[Symbol.dispose]();
    vi.stubEnv('MAYFLY_DATA_DIR', disk);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await filler?.close();
    unmount();
  });

  const fillUp = async (): Promise<void> => {
    filler = await openNameless(join(disk, 'filler'));
    await fill(filler);
  };

  test('no database can be copied for a lease', async () => {
    await using environment = await startEnvironment({ redis: false, leases }, { runtime: 'embedded' });
    await (await environment.lease()).release();
    await fillUp();

    await expect(environment.lease()).rejects.toMatchObject({ ...withoutRoom, cause: expect.any(Error) });
  });

  test('what a test itself asks is refused in the words of its driver', async () => {
    await using environment = await startEnvironment({ redis: false, leases }, { runtime: 'embedded' });
    const { pool } = await environment.lease();
    await fillUp();

    const error: unknown = await pool
      .query('CREATE TABLE a AS SELECT generate_series(1, 1e6)')
      .catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(Error);
    expect(isMayflyError(error)).toBe(false);
  });

  test('what Mayfly itself asks is refused in its own words', async () => {
    await using environment = await startEnvironment({ redis: false }, { runtime: 'embedded' });
    const { postgres } = environment.details;
    await using admin = connectAdmin(postgres, postgres.database);
    await admin.connect();
    await fillUp();

    await expect(admin.query('CREATE DATABASE another')).rejects.toMatchObject({
      ...withoutRoom,
      cause: { code: '53100' },
    });
  });

  test('no template can be built', async () => {
    await expect(startEnvironment({ redis: false, migrations: fillUp }, { runtime: 'embedded' })).rejects.toMatchObject(
      withoutRoom,
    );
  });

  test('a server that is taken for an external one cannot give the run a database', async () => {
    await using host = await startEnvironment({ redis: false }, { runtime: 'embedded' });
    await fillUp();
    const { url } = host.details.postgres;

    await expect(startEnvironment({ redis: false, postgres: { url } })).rejects.toMatchObject({
      ...withoutRoom,
      cause: { code: '53100' },
    });
  });

  test.for(['53100', 'XX000', '58030'])(
    'a server that refuses something with %s is known to have no room',
    async (code) => {
      await using environment = await startEnvironment({ redis: false }, { runtime: 'embedded' });
      const { session, details } = environment;
      const options = { session, details: () => details };
      const office = { options, signal: new AbortController().signal } as unknown as LeaseOffice;
      await fillUp();
      // What a checkpoint fails with depends on how much of it was written: the server says why in its log, if it can.
      const cause = Object.assign(new Error('checkpoint request failed'), { code });

      await expect(withPostMortem(office, () => Promise.reject(cause))).rejects.toMatchObject({
        ...withoutRoom,
        cause,
      });
    },
  );

  test('a server that has died is known to have had no room, though it could not write so into its log', async () => {
    await using environment = await startEnvironment({ redis: false, leases }, { runtime: 'embedded' });
    const lease = await environment.lease();
    await fillUp();

    await killServer(environment.details.postgres.place);

    await expect(environment.lease()).rejects.toMatchObject({
      ...withoutRoom,
      cause: { code: 'MAYFLY_POSTGRES_UNREACHABLE' },
    });
    const { postgres } = (await environment.health()).services;
    expect(postgres).toMatchObject({ healthy: false, reason: expect.stringContaining('There is no room left') });
    await expect(lease.release()).rejects.toMatchObject({
      code: 'MAYFLY_LEASE_RETURN_FAILED',
      cause: expect.objectContaining(withoutRoom),
    });
  });
});

describe.skipIf((await isMissing('docker')) || !canMount())('in a container whose memory is full', () => {
  test('no database can be copied for a lease, nor while the server recovers from that', async () => {
    await using environment = await startEnvironment({ redis: false, leases }, { runtime: 'docker' });
    await (await environment.lease()).release();
    const filler = await fillMemoryOf(environment.details.postgres.place);

    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(environment.lease()).rejects.toMatchObject(withoutRoom);
    }
    await filler.close();
  });
});
