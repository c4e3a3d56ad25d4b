import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { abandonSession } from '../../../fixtures/harness/abandoned-session.ts';
import { makeDirectory } from '../../../fixtures/harness/directories.ts';
import { configuredImages, isMissing } from '../../../fixtures/harness/runtimes.ts';
import { useDockerProxy } from '../../../fixtures/harness/use-docker-proxy.ts';
import { readProcessEnv } from '../../config/process-env.ts';
import { connectDocker } from '../../runtime/docker/client.ts';
import { sessionLabel } from '../../runtime/docker/labels.ts';
import { unlessGone } from '../../runtime/docker/remove-containers.ts';
import { reapSession } from './reap-session.ts';

const proxy = await useDockerProxy();
const isWithoutDocker = await isMissing('docker');

/** Longer than what is begun may take to come into being where nobody hangs, in milliseconds. */
const silence = 1_200;

test.skipIf(isWithoutDocker)('a container that Docker makes late, after it has hung, goes as well', async () => {
  const session = randomBytes(6).toString('hex');
  const directory = join(makeDirectory(), session);
  abandonSession(directory, { it: { kind: 'containers', label: sessionLabel, value: session } });
  const signal = AbortSignal.timeout(30_000);
  const { dockerode } = (await connectDocker(readProcessEnv().docker, signal)).container;
  const fault = proxy.trouble('hang', /^GET \/containers\/json/);
  const reaping = reapSession(directory, { patience: 10_000, signal });
  await fault.met;
  await pause(silence);
  const looked = proxy.answered(/^GET \/networks/);
  await fault.end();
  await looked;

  const { id } = await dockerode.createContainer({
    Image: configuredImages().redis,
    Labels: { [sessionLabel]: session },
  });
  onTestFinished(async () => dockerode.getContainer(id).remove({ force: true }).catch(unlessGone));

  expect(await reaping).toEqual({ outcome: 'gone' });
  expect(existsSync(directory)).toBe(false);
  await expect(dockerode.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
});
