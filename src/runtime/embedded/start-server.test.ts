import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openContext, type TestContext } from '../../../fixtures/harness/context.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { expectNothingLeft } from '../../../fixtures/harness/leftovers.ts';
import { canMount, mount } from '../../../fixtures/harness/mount.ts';
import { installProgram } from '../../../fixtures/harness/programs.ts';
import { findRedis } from '../../../fixtures/harness/redis-on-path.ts';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useOwnState } from '../../../fixtures/harness/state.ts';
import { pingRedis } from '../../connection/redis-connection.ts';
import { ServerDirectory } from './server-directory.ts';
import { serverUser } from './server-user.ts';
import { startServer, type ServerPlan } from './start-server.ts';

const state = useOwnState();

afterAll(() => expectNothingLeft(state));

describe.skipIf(await isMissing('embedded'))('the port of a server that may have any', () => {
  test('is another one when somebody was faster', async () => {
    await using context = openContext(state);
    const ports: number[] = [];
    const plan = await planRedis(context, async (port) => {
      ports.push(port);
      if (ports.length < 3) {
        await occupy(port);
      }
    });

    const server = await startServer(plan, context);

    expect(new Set(ports).size).toBe(3);
    expect(server.port).toBe(ports.at(-1));
    await server.stop();
    await plan.directory.remove();
  });

  test('cannot be had when somebody is always faster', async () => {
    await using context = openContext(state);
    const plan = await planRedis(context, occupy);

    await expect(startServer(plan, context)).rejects.toMatchObject({
      code: 'MAYFLY_PORT_TAKEN',
      message: expect.stringContaining('No free port was found for redis.'),
    });
    await plan.directory.remove();
  });
});

describe('a server', () => {
  test('that never answers is ended, and its log is shown', async () => {
    await using context = openContext(state);
    const plan = await planProgram(context, installProgram('server-that-never-answers.sh'));

    await expect(startServer(plan, context, 200)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_NOT_READY',
      service: 'sloth',
      message: expect.stringMatching(/did not answer a query within 200 ms: nobody there\. .*\n {2}\| warming up\n/),
    });
    await plan.directory.remove();
  });

  test('that ends is not waited for, even while a question to it is under way', async () => {
    await using context = openContext(state);
    const plan = await planProgram(context, installProgram('redis-that-exits.sh'));
    const never = { ...plan, ping: () => new Promise<void>(() => {}) };

    await expect(startServer(never, context)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      message: expect.stringMatching(/\(exit code 3\)\. [^]*\n {2}\| # Can't open the log file: no ink\n/),
    });
    await plan.directory.remove();
  });

  test.runIf(canMount())('that ends on a full disk, where it cannot say so, has no room', async () => {
    await using context = openContext(state);
    const home = makeDirectory();
    using _ = mount(home, 'size=1m');
    const plan = await planProgram(context, installProgram('redis-that-exits.sh'), home);

    await expect(startServer(plan, context)).rejects.toMatchObject({
      code: 'MAYFLY_DISK_UNUSABLE',
      message: expect.stringMatching(/^There is no room left for the data of sloth\. The sloth server ended /),
      cause: { code: 'MAYFLY_SERVER_EXITED' },
    });
    await plan.directory.remove();
  });

  test('whose program is not there is reported as one that ended', async () => {
    await using context = openContext(state);
    const plan = await planProgram(context, '/nonexistent/sloth');

    await expect(startServer(plan, context)).rejects.toMatchObject({
      code: 'MAYFLY_SERVER_EXITED',
      message: expect.stringContaining('(spawn /nonexistent/sloth ENOENT)'),
    });
    await plan.directory.remove();
  });
});

/** Has somebody else listen on this port until the test has finished, who accepts and says nothing. */
async function occupy(port: number): Promise<void> {
  const listener = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void listener.close());
  await once(listener, 'listening');
}

/** A real Redis, and something that happens between the choice of its port and its start. */
async function planRedis(context: TestContext, meanwhile: (port: number) => Promise<void>): Promise<ServerPlan> {
  const { executable, libraryPath } = await findRedis();
  const environment: Record<string, string> = libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath };
  return {
    ...(await planProgram(context, executable)),
    service: 'redis',
    command: async (port) => {
      await meanwhile(port);
      const parameters = ['--bind', '127.0.0.1', '--port', String(port), '--save', ''];
      return { executable, parameters, environment, user: serverUser() };
    },
    ping: (port, signal) => pingRedis(`redis://127.0.0.1:${port}`, signal),
  };
}

async function planProgram(context: TestContext, executable: string, home = tmpdir()): Promise<ServerPlan> {
  const user = serverUser();
  return {
    service: 'sloth',
    directory: await ServerDirectory.make(home, 'sloth', { ownership: context.ownership, user }),
    port: undefined,
    endSignal: 'SIGKILL',
    command: async () => ({ executable, parameters: [], environment: {}, user }),
    ping: async () => {
      throw new Error('nobody there');
    },
  };
}
