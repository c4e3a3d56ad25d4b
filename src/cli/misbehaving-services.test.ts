import { describe, expect, test as base } from 'vitest';
import { withService } from '../../fixtures/cli/config-files.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';

const test = base.extend(await withProjectOn('embedded'));

const starts = [
  {
    service: 'throws-in-start',
    code: 'MAYFLY_SERVICE_START_FAILED',
    says: 'Service "throws-in-start" failed to start: no such queue.',
    remedy: 'Mend the cause; if it passes by itself, set retry.attempts.',
  },
  {
    service: 'never-ready',
    code: 'MAYFLY_SERVICE_NOT_READY',
    says: 'Service "never-ready" was not ready within 50 ms: the queue is empty.',
    remedy: 'Mend what the check complains of, or raise timeouts.check.',
  },
];

describe('a service that does not start', () => {
  test.for(starts)('$service: $code, and the command is not run', async (row, { project }) => {
    const { service, code, says, remedy } = row;
    await project.write('mayfly.config.ts', withService(service));

    const { exitCode, stdout, stderr } = await project.run('run', 'echo', 'never printed');

    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`${code} ${says}`);
    expect(stderr.endsWith(`${remedy}\n`)).toBe(true);
  });
});

const stops = [
  {
    service: 'hangs-in-stop',
    says: 'Service "hangs-in-stop" did not stop within 50 ms. Find out what its stop waits for, or raise timeouts.stop.',
  },
  {
    service: 'throws-in-stop',
    says: 'Service "throws-in-stop" failed to stop: the queue is busy. Mend its stop; what it holds may have been left behind.',
  },
];

describe('a service that does not stop', () => {
  test.for(stops)(
    '$service: reported, everything else removed, exit code 1',
    async ({ service, says }, { project }) => {
      await project.write('mayfly.config.ts', withService(service));

      const { exitCode, stdout, stderr } = await project.run('run', 'echo', 'printed');

      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'printed\n' });
      expect(stderr).toContain(`MAYFLY_TEARDOWN_FAILED 1 of the teardown's steps failed:\n  - ${says}`);
      expect(stderr).toMatch(/Mend the steps named above; what they hold may have been left behind\.\n$/);
    },
  );

  test('the exit code of a command that failed stays as it is', async ({ project }) => {
    await project.write('mayfly.config.ts', withService('throws-in-stop'));

    expect(await project.run('run', '--', 'sh', '-c', 'exit 3')).toMatchObject({ exitCode: 3 });
  });
});
