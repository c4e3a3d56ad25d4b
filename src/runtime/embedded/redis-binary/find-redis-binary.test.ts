import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findRedisBinary } from './find-redis-binary.ts';
import { probeRedisBinary } from './probe-redis-binary.ts';
import type { FindRedisOptions, RedisBinary } from './redis-binary.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const nobody = isRoot ? { uid: 65_534, gid: 65_534 } : {};

const obstacle = await whyNotReachable();
const isRequired = process.env.MAYFLY_REQUIRE?.split(',').includes('embedded') ?? false;
if (obstacle !== undefined && !isRequired) {
  process.stderr.write(`skipped: downloads from the real package archive: ${obstacle}\n`);
}

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mayfly-redis-'));
  await chmod(directory, 0o755);
  // A PATH with nothing but what a download needs: a Redis that is installed here must not be found.
  await mkdir(join(directory, 'bin'));
  for (const name of ['apt-get', 'dpkg-deb']) {
    await symlink(join('/usr/bin', name), join(directory, 'bin', name));
  }
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe.skipIf(obstacle !== undefined && !isRequired)('from the real archive', () => {
  test(
    "a Redis that answers is fetched once, and the system's own apt is left as it was",
    { timeout: 60_000 },
    async () => {
      const before = await stateOfApt();
      expect(await probeRedisBinary(options())).toMatchObject({ state: 'downloadable' });

      const downloaded = await findRedisBinary(options());

      expect(downloaded.source).toBe('downloaded');
      expect(await stateOfApt()).toEqual(before);
      expect(await ping(downloaded)).toBe('+PONG');
      expect(await findRedisBinary(options())).toEqual({ ...downloaded, source: 'cache' });
      expect((await readdir(join(directory, 'cache/redis'))).length).toBe(1);
    },
  );

  test.skipIf(!isRoot)('an ordinary user can fetch one too', { timeout: 60_000 }, async () => {
    const home = join(directory, 'home');
    await mkdir(home);
    await chown(home, 65_534, 65_534);
    const finder = join(import.meta.dirname, 'fixtures/find-redis-binary.mjs');

    const { stdout } = await run(process.execPath, [finder, options().searchPath, join(home, 'cache')], nobody);

    const { binary, progress } = JSON.parse(stdout) as { binary: RedisBinary; progress: string[] };
    expect(binary).toMatchObject({ source: 'downloaded', executable: expect.stringContaining(home) });
    expect(progress.at(-1)).toMatch(/^fetching (redis|valkey)-server from the \w+ archive \(\d+\.\d MB\)$/);
    expect(await ping(binary)).toBe('+PONG');
  });
});

function options(): FindRedisOptions {
  return {
    configured: undefined,
    searchPath: join(directory, 'bin'),
    cacheDirectory: join(directory, 'cache'),
    signal: AbortSignal.timeout(60_000),
    onProgress: () => {},
  };
}

/** Starts the server as an unprivileged user, and returns its answer to PING. */
async function ping({ executable, libraryPath }: RedisBinary): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'mayfly-redis-data-'));
  const socket = join(home, 'socket');
  if (isRoot) {
    await chown(home, 65_534, 65_534);
  }
  const parameters = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', home];
  const env = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
  const server = spawn(executable, parameters, { env, cwd: home, stdio: ['ignore', 'pipe', 'inherit'], ...nobody });
  const exited = once(server, 'exit');
  try {
    for await (const line of createInterface(server.stdout)) {
      if (/ready to accept connections/i.test(line)) {
        break;
      }
    }
    const client = createConnection(socket);
    client.write('PING\r\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    client.destroy();
    return answer.toString().trim();
  } finally {
    server.kill('SIGKILL');
    await exited;
    await rm(home, { recursive: true });
  }
}

/** What a download must not touch, with the time of each file's last change. */
async function stateOfApt(): Promise<string> {
  const places = ['/var/lib/apt/lists', '/var/cache/apt', '/var/lib/dpkg'];
  const readable = ['-type', 'd', '!', '-readable', '-prune', '-o', '-printf', '%p %s %T@\\n'];
  const { stdout } = await run('find', [...places, ...readable], { maxBuffer: 64_000_000 });
  return stdout;
}

/** Asks apt itself, because proxies and mirrors are its own affair, for one small file. */
async function whyNotReachable(): Promise<string | undefined> {
  try {
    await access('/usr/bin/apt-get');
    const { stdout } = await run('apt-get', ['update', '--print-uris']);
    const [, release] = /^'([^']+)'/m.exec(stdout) ?? [];
    if (release === undefined) {
      return 'apt has no sources';
    }
    const target = await mkdtemp(join(tmpdir(), 'mayfly-apt-'));
    try {
      const limits = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=5'];
      await run('/usr/lib/apt/apt-helper', [...limits, 'download-file', release, join(target, 'release')]);
    } finally {
      await rm(target, { recursive: true });
    }
    return undefined;
  } catch (error) {
    return /^E: .*$/m.exec(String(error))?.[0] ?? String(error);
  }
}
