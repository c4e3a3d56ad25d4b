import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { canMount } from '../../../fixtures/harness/mount.ts';
import { putRedisInto } from '../../../fixtures/harness/redis-on-path.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { watchState, type State } from '../../../fixtures/harness/state.ts';

const run = promisify(execFile);
const mayfly = join(import.meta.dirname, '../../cli/main.ts');

describe.skipIf(await isMissing('embedded'))('servers run', () => {
  let home: string;
  let state: State;

  beforeAll(() => {
    home = makeDirectory();
    state = watchState(place('état d’été'));
  });

  afterAll(() => expectNothingLeft(state));

  test('wherever directories have spaces and letters beyond ASCII in their names', async () => {
    const programs = place('prögrams & möre "quoted"');
    await putRedisInto(programs);
    const env = {
      PATH: [programs, process.env['PATH']].join(delimiter),
      MAYFLY_STATE_DIR: state.directory,
      MAYFLY_CACHE_DIR: place('câche & co'),
      MAYFLY_DATA_DIR: place('dätä dir'),
    };
    await using program = new HeldEnvironment({ runtime: 'embedded' }, { env, cwd: place('工作 目录') });
    const { details, error } = await program.report;

    expect(error).toBeUndefined();
    expect(await askPostgres(details!.postgres.url, 'SHOW data_directory')).toContain(join(home, 'dätä dir'));
    expect(await askRedis(details!.redis.url, 'PING')).toBe('PONG');
  });

  test('where directories are named relative to the working directory', async () => {
    const workingDirectory = place('relative');
    place('relative/data');
    const env = { MAYFLY_CACHE_DIR: '../câche & co', MAYFLY_DATA_DIR: './data', MAYFLY_STATE_DIR: '../état d’été' };
    const definition = { runtime: 'embedded', redis: false } as const;
    await using program = new HeldEnvironment(definition, { env, cwd: workingDirectory });
    const { details, error } = await program.report;

    expect(error).toBeUndefined();
    expect(await askPostgres(details!.postgres.url, 'SHOW data_directory')).toContain(join(workingDirectory, 'data/'));
  });

  test.runIf(canMount())('where only root may enter /proc', async () => {
    const closed = ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', 'chmod 700 /proc && exec "$@"', 'sh'];
    const started = [process.execPath, mayfly, 'run', '--runtime', 'embedded', '--', 'echo', 'ran'];
    const env = { ...process.env, MAYFLY_STATE_DIR: state.directory, MAYFLY_CACHE_DIR: place('closed') };

    const { stdout } = await run('unshare', [...closed, ...started], { cwd: home, env });

    expect(stdout).toMatch(/ran\n$/);
  });

  function place(name: string): string {
    const directory = join(home, name);
    mkdirSync(directory, { recursive: true });
    return directory;
  }
});
