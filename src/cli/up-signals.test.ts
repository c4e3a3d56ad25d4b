import { join } from 'node:path';
import { describe, expect, test as base, vi } from 'vitest';
import { onlyRedis, withService } from '../../fixtures/cli/config-files.ts';
import { list } from '../../fixtures/cli/leftovers.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

describe('the process that keeps an environment in the background', () => {
  test.for([
    { signal: 'SIGINT', exitCode: 130 },
    { signal: 'SIGTERM', exitCode: 143 },
    { signal: 'SIGHUP', exitCode: 129 },
  ] as const)('takes it away when it hears $signal', async ({ signal, exitCode }, { project }) => {
    await project.write('mayfly.config.ts', onlyRedis);
    const keeper = project.start(['serve']);
    await isReady(project, 'redis');

    keeper.kill(signal);

    expect(await keeper.end).toMatchObject({ exitCode, signal: null });
    expect(project.leftovers()).toEqual([]);
  });

  test('ends at once by a second signal, and another can begin at once', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('never-stops'));
    const keeper = project.start(['serve']);
    await isReady(project, 'never-stops');

    keeper.kill('SIGTERM');
    await keeper.printed(/stopping/, 'stderr');
    keeper.kill('SIGINT');

    expect(await keeper.end).toMatchObject({ exitCode: 130, signal: null });
    expect(list(join(project.state, 'projects'))).toEqual([]);
    await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
  });
});

test('up ends at once by a second signal during the start, and nothing is left', async ({ project }) => {
  // Longer than is waited below.
  const patient = withService('never-gives-up').replace('postgres: false', 'postgres: false, teardownTimeout: 60_000');
  await project.write('mayfly.config.ts', patient);
  const running = project.start(['up']);
  await running.printed(/starting/, 'stderr');

  running.kill('SIGINT');
  await running.printed(/told to give up/, 'stderr');
  running.kill('SIGTERM');

  expect(await running.end).toMatchObject({ exitCode: 143, signal: null, stdout: '' });
  await vi.waitFor(() => expect(project.leftovers()).toEqual([]), { timeout: 30_000 });
});

/** A keeper that was started by hand says nothing: others are told when it is ready. */
async function isReady(project: Project, service: string): Promise<void> {
  await vi.waitFor(async () => expect(await project.run('wait', service)).toMatchObject({ exitCode: 0 }), {
    timeout: 30_000,
  });
}
