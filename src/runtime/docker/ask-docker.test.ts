import type { ContainerRuntimeClient } from 'testcontainers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { askDocker } from './ask-docker.ts';
import { connectDocker } from './client.ts';

const proxy = await useDockerProxy();
const never = new AbortController().signal;
const listing = /^GET \/containers\/json/;

describe.skipIf(await isMissing('docker'))('a call to Docker', () => {
  let client: ContainerRuntimeClient;
  const list = (): Promise<unknown[]> => client.container.dockerode.listContainers();

  beforeAll(async () => {
    client = await connectDocker(readProcessEnv().docker, never);
  });
  afterEach(() => proxy.calm());

  test('gives the answer', async () => {
    expect(await askDocker({ what: 'list', signal: never }, list)).toBeInstanceOf(Array);
  });

  test('that gets none in time is given up, and its connection ended', async () => {
    const fault = proxy.trouble('hang', listing);

    await expect(askDocker({ what: 'list', signal: never, timeout: 200 }, list)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringMatching(/any longer: it was to list, and has not within 200 ms\. See that Docker runs/),
    });
    // An open connection would keep the process alive.
    await fault.hungUp;
  });

  test('ends as soon as nobody waits for it, and its connection with it', async () => {
    const fault = proxy.trouble('hang', listing);
    const abort = new AbortController();
    const asking = askDocker({ what: 'list', signal: abort.signal }, list);
    await fault.met;

    abort.abort(new Error('no more'));

    await expect(asking).rejects.toThrow('no more');
    await fault.hungUp;
  });

  test.for(['cut', 'break off'] as const)('that is met with a connection that is %s fails at once', async (trouble) => {
    proxy.trouble(trouble, listing);

    await expect(askDocker({ what: 'list', signal: never }, list)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringMatching(/it was to list, and (socket hang up|its answer broke off)\. /),
    });
  });

  test('that is answered with an error says which', async () => {
    const inspect = (): Promise<unknown> => client.container.getById('nobody').inspect();

    await expect(askDocker({ what: 'look', signal: never }, inspect)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_REFUSED',
      message: expect.stringMatching(/was to look, and did not: .*No such container: nobody.* Mend what/),
    });
  });

  test.for(['cut', 'break off'] as const)('that has patience outlasts connections that are %s', async (trouble) => {
    const fault = proxy.trouble(trouble, listing);
    const asking = askDocker({ what: 'list', signal: never, isPatient: true }, list);
    await fault.met;

    await fault.end();

    expect(await asking).toBeInstanceOf(Array);
  });

  test('that has patience outlasts a restart of the daemon', async () => {
    await proxy.goAway();
    let attempts = 0;
    const question = async (): Promise<unknown[]> => {
      attempts += 1;
      await (attempts === 2 ? proxy.comeBack() : undefined);
      return list();
    };

    expect(await askDocker({ what: 'list', signal: never, isPatient: true }, question)).toBeInstanceOf(Array);
    expect(attempts).toBe(2);
  });

  test('that has patience says in the end why it was in vain', async () => {
    proxy.trouble('cut', listing);
    const call = { what: 'list', signal: never, timeout: 300, isPatient: true };

    await expect(askDocker(call, list)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringContaining('it was to list, and has not within 300 ms (socket hang up).'),
    });
  });

  test('has no patience with an error in the answer', async () => {
    const inspect = (): Promise<unknown> => client.container.getById('nobody').inspect();

    await expect(askDocker({ what: 'look', signal: never, isPatient: true }, inspect)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_REFUSED',
    });
  });
});
