import { chownSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { askPostgres, askRedis } from '../../../fixtures/harness/clients.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { HeldEnvironment } from '../../../fixtures/harness/held-environment.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { listProcesses } from '../../../fixtures/harness/processes.ts';
import { putRedisInto } from '../../../fixtures/harness/redis-on-path.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState, watchState } from '../../../fixtures/harness/state.ts';
import { canOthersRun, isRoot, ordinaryUser } from '../../../fixtures/harness/users.ts';
import { startEnvironment } from '../../environment/start-environment.ts';

describe.skipIf((await isMissing('embedded')) || !isRoot)('the servers of root', () => {
  const state = useOwnState();

  afterAll(() => expectNothingLeft(state));

  test('run as nobody, with every process that they have', async () => {
    await using environment = await startEnvironment({}, { runtime: 'embedded' });

    const users = usersOfServers(environment.session);

    expect(users.length).toBeGreaterThan(2);
    expect(new Set(users)).toEqual(new Set([65_534]));
  });
});

describe.skipIf((await isMissing('embedded')) || !(await canOthersRun()))('the servers of an ordinary user', () => {
  test('run as that user, from a cache in that user’s home', async () => {
    const home = makeDirectory();
    const state = watchState(join(home, 'state'));
    const programs = join(home, 'bin');
    mkdirSync(programs);
    await putRedisInto(programs);
    for (const directory of [home, state.directory, join(state.directory, 'sessions')]) {
      chownSync(directory, ordinaryUser.uid ?? -1, ordinaryUser.gid ?? -1);
    }
    const env = {
      HOME: home,
      PATH: [programs, process.env['PATH']].join(delimiter),
      MAYFLY_STATE_DIR: state.directory,
      MAYFLY_CACHE_DIR: '',
      XDG_CACHE_HOME: '',
    };
    const program = new HeldEnvironment({ runtime: 'embedded' }, { env, cwd: home, ...ordinaryUser });
    const { details, session, error } = await program.report;

    expect(error).toBeUndefined();
    expect(await askPostgres(details!.postgres.url, 'SELECT 1')).toBe(1);
    expect(await askRedis(details!.redis.url, 'PING')).toBe('PONG');
    expect(new Set(usersOfServers(session!))).toEqual(new Set([ordinaryUser.uid ?? process.getuid?.()]));

    expect(await program.stop()).toMatchObject({ exitCode: 0, stderr: '' });
    await expectNothingLeft(state);
  });
});

/** The numbers of the users of a session's server processes. */
function usersOfServers(session: string): number[] {
  return listProcesses()
    .filter(({ workingDirectory }) => workingDirectory.includes(session))
    .map(({ uid }) => uid);
}
