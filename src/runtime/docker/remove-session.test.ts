import { randomBytes } from 'node:crypto';
import type { ContainerRuntimeClient } from 'testcontainers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { connectDocker } from './client.ts';
import { ownerLabel, sessionLabel } from './labels.ts';
import { findStrays, removeSession } from './remove-session.ts';

const proxy = await useDockerProxy();
const never = new AbortController().signal;
const session = randomBytes(6).toString('hex');
const label = { label: sessionLabel, value: session };

describe.skipIf(await isMissing('docker'))('the containers and networks of a session', () => {
  let client: ContainerRuntimeClient;

  beforeAll(async () => {
    client = await connectDocker(readProcessEnv().docker, never);
  });
  afterEach(() => proxy.calm());
  afterAll(() => removeSession(client, label, never));

  test('are removed, and those of others are not', async () => {
    const other = randomBytes(6).toString('hex');
    const network = await makeNetwork(session);
    await Promise.all([startIn(network, session), makeNetwork(other), startIn('none', other)]);
    await client.container.dockerode.createContainer(optionsFor('none', session));

    await removeSession(client, label, never);

    expect(await thingsOf(session)).toEqual([]);
    expect(await thingsOf(other)).toEqual(['container', 'network']);
    await removeSession(client, { label: sessionLabel, value: other }, never);
    expect(await thingsOf(other)).toEqual([]);
  });

  test('are removed once by all who remove them at the same time', async () => {
    const network = await makeNetwork(session);
    await Promise.all([startIn(network, session), startIn(network, session), startIn('none', session)]);

    await Promise.all(Array.from({ length: 4 }, () => removeSession(client, label, never)));

    expect(await thingsOf(session)).toEqual([]);
  });

  test('need not be there', async () => {
    await expect(removeSession(client, label, never)).resolves.toBeUndefined();
  });

  test('are removed as far as can be, and what went wrong is said once', async () => {
    const [first, second] = await Promise.all([startIn('none', session), startIn('none', session)]);
    proxy.trouble('hang', new RegExp(`^DELETE /containers/${first}`));

    await expect(removeSession(client, label, never)).rejects.toMatchObject({
      code: 'MAYFLY_DOCKER_UNAVAILABLE',
      message: expect.stringMatching(`it was to remove container ${first.slice(0, 12)}, and has not within`),
    });

    expect((await findStrays(client)).filter((stray) => stray.session === session).map(({ id }) => id)).toEqual([
      first,
    ]);
    expect(second).not.toBe(first);
  });

  test('are given up as soon as nobody waits for them', async () => {
    const fault = proxy.trouble('hang', /^GET \/containers\/json/);
    const abort = new AbortController();
    const removing = removeSession(client, label, abort.signal);
    await fault.met;

    abort.abort(new Error('no more'));

    await expect(removing).rejects.toThrow('no more');
    await fault.hungUp;
  });

  test('are found without their record, with what it said of their owner', async () => {
    await removeSession(client, label, never);
    const before = Date.now();
    const owner = JSON.stringify({ pid: 1, startTime: '2', machine: 'here', uid: 0 });
    const options = optionsFor('none', session);
    await client.container.dockerode.createContainer({
      ...options,
      Labels: { ...options.Labels, [ownerLabel]: owner },
    });
    await client.container.dockerode.createContainer(options);

    const strays = (await findStrays(client)).filter((stray) => stray.session === session);

    expect(strays.map((stray) => stray.owner)).toEqual(expect.arrayContaining([owner, undefined]));
    for (const { id, createdAt } of strays) {
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      // Docker's clock, in whole seconds.
      expect(new Date(createdAt).getTime()).toBeGreaterThanOrEqual(before - 1_000);
    }
  });

  async function startIn(network: string, value: string): Promise<string> {
    const container = await client.container.dockerode.createContainer(optionsFor(network, value));
    await container.start();
    return container.id;
  }

  function optionsFor(network: string, value: string) {
    return {
      Image: configuredImages().redis,
      Entrypoint: ['sleep', '600'],
      Labels: { [sessionLabel]: value },
      HostConfig: { NetworkMode: network },
    };
  }

  async function makeNetwork(value: string): Promise<string> {
    const name = `mayfly-test-${randomBytes(6).toString('hex')}`;
    await client.container.dockerode.createNetwork({ Name: name, Labels: { [sessionLabel]: value } });
    return name;
  }

  async function thingsOf(value: string): Promise<string[]> {
    const { dockerode } = client.container;
    const filters = { label: [`${sessionLabel}=${value}`] };
    const containers = await dockerode.listContainers({ all: true, filters });
    const networks = await dockerode.listNetworks({ filters });
    return [...containers.map(() => 'container'), ...networks.map(() => 'network')];
  }
});
