import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedisBinary } from './find-redis-binary.ts';
import { probeRedisBinary } from './probe-redis-binary.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-redis-'));
  // Where the tests are root's, the programs are run by nobody.
  await chmod(directory, 0o755);
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('the configured server is used, whatever is on PATH', async () => {
  const configured = await program('elsewhere/my-redis', 'echo "Redis server v=7.4.1 sha=0"');
  await program('bin/redis-server', 'echo "Redis server v=6.0.0 sha=0"');

  expect(await find({ configured })).toEqual({
    executable: configured,
    libraryPath: undefined,
    flavour: 'redis',
    version: '7.4.1',
    source: 'configured',
  });
});

test('a configured server that is not there is an error, also where PATH has one', async () => {
  const configured = join(directory, 'gone/redis-server');
  await program('bin/redis-server', 'echo "Redis server v=7.0.0 sha=0"');

  const error = {
    code: 'MAYFLY_REDIS_BINARY_MISSING',
    phase: 'provision',
    message: expect.stringMatching(/gone\/redis-server.*ENOENT/),
  };
  await expect(find({ configured })).rejects.toMatchObject(error);
  expect(await probeRedisBinary(options({ configured }))).toMatchObject({ state: 'impossible', error });
});

test.each([
  ['another program', 'echo "coreutils 9.1"', /neither Redis nor Valkey.*"coreutils 9.1"/],
  [
    'a program that fails',
    'echo "libfoo.so: cannot open shared object file" >&2; exit 127',
    /exit code 127.*libfoo\.so/,
  ],
  ['a program that prints nothing', 'exit 0', /printed nothing/],
])('%s is not accepted as the configured server', async (_, script, message) => {
  const configured = await program('elsewhere/my-redis', script);

  await expect(find({ configured })).rejects.toThrow(message);
});

test('a file that is not executable, or a relative path, is not accepted as the configured server', async () => {
  const configured = join(directory, 'data');
  await writeFile(configured, 'no program');

  await expect(find({ configured })).rejects.toThrow(/cannot be run.*EACCES/);
  await expect(find({ configured: 'redis-server' })).rejects.toThrow(/not an absolute path/);
  await expect(find({ configured: '' })).rejects.toThrow(/not an absolute path/);
});

test('a broken redis-server on PATH is passed over for the next that works', async () => {
  await program('bin/redis-server', 'exit 1');
  const working = await program('bin-2/redis-server', 'echo "Redis server v=7.0.0 sha=0"');

  expect(await find()).toMatchObject({ executable: working, source: 'path' });
});

test('any redis-server on PATH goes before any valkey-server', async () => {
  const valkey = await program('bin/valkey-server', 'echo "Valkey server v=8.1.1 sha=0"');
  expect(await find()).toMatchObject({ executable: valkey, flavour: 'valkey', version: '8.1.1' });

  const redis = await program('bin-2/redis-server', 'echo "Redis server v=7.0.0 sha=0"');
  expect(await find()).toMatchObject({ executable: redis, flavour: 'redis' });
});

test('a redis-server that is a link to Valkey is told by what it says', async () => {
  const valkey = await program('lib/valkey', 'echo "Valkey server v=8.0.0 sha=0"');
  await mkdir(join(directory, 'bin'));
  await symlink(valkey, join(directory, 'bin/redis-server'));

  expect(await find()).toMatchObject({ executable: join(directory, 'bin/redis-server'), flavour: 'valkey' });
});

test.skipIf(process.getuid?.() !== 0)('a server that root alone can run is passed over', async () => {
  const executable = await program('bin/redis-server', 'echo "Redis server v=7.0.0 sha=0"');
  await chmod(dirname(executable), 0o700);

  await expect(find()).rejects.toThrow(/cannot be run by the user "nobody".*EACCES/);
  await expect(find({ configured: executable })).rejects.toThrow(/cannot be run by the user "nobody".*EACCES/);
});

test('where there is none and none can be fetched, the error tells what was tried and what to do', async () => {
  await program('bin/redis-server', 'exit 1');

  const error = {
    code: 'MAYFLY_REDIS_BINARY_MISSING',
    message: expect.stringContaining(`${join(directory, 'bin/redis-server')}: it ended with exit code 1`),
    remedy: expect.stringContaining('MAYFLY_REDIS_BINARY'),
  };
  await expect(find()).rejects.toMatchObject(error);
  expect(await probeRedisBinary(options())).toMatchObject({ state: 'impossible', error });
});

test('the search ends as soon as its signal is aborted, and what hung is gone with everything that it started', async () => {
  const pipe = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', ['-m', '666', pipe]);
  const configured = await program('elsewhere/my-redis', `exec 3>"${pipe}"; echo up >&3; sleep 1000 & wait`);
  const controller = new AbortController();

  const found = find({ configured, signal: controller.signal });
  const held = createReadStream(pipe);
  const allGone = once(held.resume(), 'end');
  await once(held, 'data');
  controller.abort(new Error('enough'));

  await expect(found).rejects.toThrow('enough');
  // The pipe ends when the last process that holds it has ended.
  await allGone;
});

/** PATH has two directories of the test's own, so that neither Redis nor apt-get is found unless the test puts it there. */
function options(own: Partial<FindRedisOptions> = {}): FindRedisOptions {
  return {
    configured: undefined,
    searchPath: [join(directory, 'bin'), join(directory, 'bin-2')].join(delimiter),
    cacheDirectory: join(directory, 'cache'),
    signal: AbortSignal.timeout(30_000),
    onProgress: () => {},
    ...own,
  };
}

function find(own?: Partial<FindRedisOptions>): Promise<RedisBinary> {
  return findRedisBinary(options(own));
}

async function program(name: string, script: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
