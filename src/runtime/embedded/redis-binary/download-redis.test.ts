import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isDebianLike, readDistribution } from './distribution.ts';
import { findRedisBinary } from './find-redis-binary.ts';
import { probeRedisBinary } from './probe-redis-binary.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';

const run = promisify(execFile);
const distribution = await readDistribution();
const isDebian = distribution !== undefined && isDebianLike(distribution);
if (!isDebian) {
  process.stderr.write('skipped: downloads of Redis, which are for Debian, Ubuntu and what derives from them\n');
}

let directory: string;
let progress: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-redis-'));
  await chmod(directory, 0o755);
  progress = [];
  await cp(join(import.meta.dirname, 'fixtures/fake-archive'), join(directory, 'bin'), { recursive: true });
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe.skipIf(!isDebian)('a download', () => {
  test('ends in the cache, is said with its size, and is found there by the next', async () => {
    await publish('redis-server', 'Redis', '7.0.15');

    const downloaded = await find();

    const entry = join(cache(), `${distribution?.platform}-redis-7.0.15`);
    expect(downloaded).toEqual({
      executable: join(entry, 'usr/bin/redis-server'),
      libraryPath: join(entry, 'usr/lib/here'),
      flavour: 'redis',
      version: '7.0.15',
      source: 'downloaded',
    });
    expect(progress.at(-1)).toBe(`fetching redis-server from the ${distribution?.name} archive (1.2 MB)`);
    expect(await find()).toEqual({ ...downloaded, source: 'cache' });
    expect(await probeRedisBinary(options())).toEqual({ state: 'ready', binary: { ...downloaded, source: 'cache' } });
  });

  test('takes Valkey where the archive has no Redis', async () => {
    await publish('valkey-server', 'Valkey', '8.1.1');

    expect(await find()).toMatchObject({ flavour: 'valkey', version: '8.1.1', source: 'downloaded' });
    expect(await find()).toMatchObject({ flavour: 'valkey', source: 'cache' });
  });

  test('by several at the same time gives each the same server, and leaves one entry', async () => {
    await publish('redis-server', 'Redis', '7.0.15');

    const binaries = await Promise.all([find(), find(), find(), find()]);

    expect(new Set(binaries.map(({ executable }) => executable)).size).toBe(1);
    expect(binaries.map(({ source }) => source)).toEqual(Array(4).fill('downloaded'));
    expect(await readdir(cache())).toEqual([`${distribution?.platform}-redis-7.0.15`]);
  });

  test('replaces a cached server that no longer runs, and says so once', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    const { executable } = await find();
    await writeFile(executable, '');
    progress = [];

    // The doctor must not change what it finds.
    expect(await probeRedisBinary(options())).toMatchObject({
      state: 'downloadable',
      reason: expect.stringContaining('printed nothing'),
    });
    const replaced = await Promise.all([find(), find()]);

    expect(replaced.map((binary) => binary.executable)).toEqual([executable, executable]);
    expect(progress.filter((line) => line.includes('removing')).length).toBeGreaterThan(0);
    expect(await readFile(executable, 'utf8')).toContain('7.0.15');
    progress = [];
    expect(await find()).toMatchObject({ source: 'cache' });
    expect(progress).toEqual([]);
  });

  test('that fails shows what apt said, and leaves nothing in the cache', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    await writeFile(join(directory, 'bin/refuse'), '');

    await expect(find()).rejects.toMatchObject({
      code: 'MAYFLY_REDIS_DOWNLOAD_FAILED',
      phase: 'provision',
      message: expect.stringContaining(
        '  | E: Failed to fetch http://archive.test/redis-server.deb  Connection refused\n',
      ),
      remedy: expect.stringContaining('MAYFLY_REDIS_BINARY'),
    });
    expect(await readdir(cache())).toEqual([]);
  });

  test('of an archive that has neither Redis nor Valkey fails with what apt said of both', async () => {
    await expect(find()).rejects.toThrow(/redis-server\n.*valkey-server\n/);
    expect(await readdir(cache())).toEqual([]);
  });

  test('of a server that does not run here fails, and leaves nothing in the cache', async () => {
    await publish('redis-server', 'Redis', '7.0.15', "echo 'GLIBC_2.38 not found' >&2; exit 1");

    await expect(find()).rejects.toThrow(/does not run[^]*GLIBC_2\.38 not found/);
    expect(await readdir(cache())).toEqual([]);
  });

  test('that is aborted ends at once with everything that it started, and leaves nothing in the cache', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    await run('mkfifo', [join(directory, 'bin/hang')]);
    const controller = new AbortController();

    const found = find({ signal: controller.signal });
    const held = createReadStream(join(directory, 'bin/hang'));
    const allGone = once(held.resume(), 'end');
    await once(held, 'data');
    controller.abort(new Error('enough'));

    await expect(found).rejects.toThrow('enough');
    expect(await readdir(cache())).toEqual([]);
    // The pipe ends when the last process that holds it has ended.
    await allGone;
  });

  test('never takes what a dead one left unfinished, and removes it once it is old', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    const abandoned = join(cache(), '.staging-abandoned');
    const recent = join(cache(), '.staging-recent');
    await mkdir(join(abandoned, 'tree/usr/bin'), { recursive: true });
    await mkdir(recent);
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(abandoned, anHourAgo, anHourAgo);

    await find();

    expect(await readdir(cache())).toEqual(['.staging-recent', `${distribution?.platform}-redis-7.0.15`]);
  });

  test('can be used by everybody, and has no rights of its own, whatever the umask and the package say', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    // A umask belongs to the whole process, so it takes another one.
    const script = `umask 077; exec "$@"`;
    const finder = join(import.meta.dirname, 'fixtures/find-redis-binary.mjs');
    await run('sh', ['-c', script, 'sh', process.execPath, finder, join(directory, 'bin'), join(directory, 'cache')]);

    // What holds the entries stays as closed as an ordinary user wants it: the server runs as the same user.
    const opened = process.getuid?.() === 0 ? cache() : join(cache(), `${distribution?.platform}-redis-7.0.15`);
    const { stdout } = await run('find', [opened, '(', '!', '-perm', '-o+r', '-o', '-perm', '/6000', ')']);
    expect(stdout).toBe('');
  });
});

describe.skipIf(!isDebian)('a cache', () => {
  test('that is a file is an error that names the variable to change', async () => {
    await writeFile(join(directory, 'cache'), '');

    const error = { code: 'MAYFLY_CACHE_UNUSABLE', remedy: expect.stringContaining('MAYFLY_CACHE_DIR') };
    await expect(find()).rejects.toMatchObject(error);
    expect(await probeRedisBinary(options())).toMatchObject({ state: 'impossible', error });
  });

  test('whose path cannot be part of LD_LIBRARY_PATH is an error', async () => {
    await expect(find({ cacheDirectory: join(directory, 'a:b') })).rejects.toThrow(/MAYFLY_CACHE_DIR/);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'that root keeps to itself is an error, because the server runs as nobody',
    async () => {
      await mkdir(join(directory, 'private'), { mode: 0o700 });

      await expect(find({ cacheDirectory: join(directory, 'private/cache') })).rejects.toThrow(
        /"nobody".*MAYFLY_CACHE_DIR/,
      );
      expect(await readdir(join(directory, 'private'))).toEqual([]);
    },
  );

  test.skipIf(process.getuid?.() !== 0)('that root has closed since the download is an error', async () => {
    await publish('redis-server', 'Redis', '7.0.15');
    await find();
    await chmod(cache(), 0o700);

    await expect(find()).rejects.toThrow(/"nobody".*MAYFLY_CACHE_DIR/);
  });
});

function cache(): string {
  return join(directory, 'cache/redis');
}

function options(own: Partial<FindRedisOptions> = {}): FindRedisOptions {
  return {
    configured: undefined,
    searchPath: join(directory, 'bin'),
    cacheDirectory: join(directory, 'cache'),
    signal: AbortSignal.timeout(30_000),
    onProgress: (message) => progress.push(message),
    ...own,
  };
}

function find(own?: Partial<FindRedisOptions>): Promise<RedisBinary> {
  return findRedisBinary(options(own));
}

/**
 * Puts a package into the fake archive: a server that finds its library only with the right LD_LIBRARY_PATH, packed with
 * rights that it must not keep.
 */
async function publish(
  name: string,
  product: string,
  version: string,
  script = `echo "${product} server v=${version} sha=0"`,
): Promise<void> {
  const tree = join(directory, 'package');
  await mkdir(join(tree, 'usr/bin'), { recursive: true });
  await mkdir(join(tree, 'usr/lib/here'), { recursive: true });
  await writeFile(join(tree, 'usr/lib/here/libneeded.so.1'), '');
  const demand = '[ -e "$LD_LIBRARY_PATH/libneeded.so.1" ] || exit 127';
  await writeFile(join(tree, 'usr/bin', name), `#!/bin/sh\n${demand}\n${script}\n`, { mode: 0o755 });
  await chmod(join(tree, 'usr/bin', name), 0o4700);
  await chmod(join(tree, 'usr/lib/here'), 0o700);
  await run('tar', ['-cf', join(directory, 'bin', `${name}.deb`), '-C', tree, '.']);
}
