import { describe, expect, test as base } from 'vitest';
import { onlyRedis } from '../../fixtures/cli/config-files.ts';
import type { Project } from '../../fixtures/cli/project.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { containerAt } from '../../fixtures/harness/containers.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { localRuntimes } from '../../fixtures/harness/runtimes.ts';

interface Up {
  readonly session: string;
  readonly runtime: string;
  readonly details: { readonly redis: { readonly place: string; readonly url: string } };
}

/** Without a runtime that a variable names. */
const unnamed = { env: { MAYFLY_RUNTIME: '' } };

/** What the project's environment says of itself, started now or before. */
async function up(project: Project, ...parameters: readonly string[]): Promise<Up> {
  const { exitCode, stdout, stderr } = await project.start(['up', '--json', ...parameters], unnamed).end;
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return JSON.parse(stdout) as Up;
}

for (const runtime of localRuntimes) {
  const test = base.extend(await withProjectOn(runtime));
  const how = { docker: 'exit code 137', embedded: 'signal SIGKILL' }[runtime];

  test(`up where a server on ${runtime} has died starts all anew, as it was`, async ({ project }) => {
    await project.write('other.config.ts', onlyRedis);
    const before = await up(project, '--config', 'other.config.ts', '--runtime', runtime);
    await killServer(before.details.redis.place);

    const again = await project.start(['up', '--json'], unnamed).end;
    const status = await project.run('status');
    const { stderr } = await project.start(['up', '--config', 'other.config.ts'], unnamed).end;
    await project.run('down');

    const after = JSON.parse(again.stdout) as Up;
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toMatch(/^mayfly +The redis server has died \(.+\)\. The environment is .+ anew\.$/m);
    expect(again.stderr).toContain(`(${how})`);
    expect(again.stderr.match(/ has died /g)).toHaveLength(1);
    expect(after.session).not.toBe(before.session);
    expect(Object.keys(after.details)).toEqual(['redis']);
    expect(after.runtime).toBe(`${runtime}, named by --runtime`);
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('healthy') });
    expect(stderr).not.toContain('died');
  });
}

describe('on docker', async () => {
  const test = base.extend(await withProjectOn('docker'));

  test('a container that somebody removed is a server that died', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);
    const before = await up(project, '--runtime', 'docker');
    await (await containerAt(before.details.redis.place)).remove({ force: true, v: true });

    const after = await up(project, '--runtime', 'docker');
    const status = await project.run('status');
    await project.run('down');

    expect(after.session).not.toBe(before.session);
    expect(status).toMatchObject({ exitCode: 0 });
  });
});

describe('up where something runs already', async () => {
  const test = base.extend(await withProjectOn('embedded'));

  test('says where it runs, and that another runtime or config file takes a down first', async ({ project }) => {
    await project.write('mayfly.config.ts', onlyRedis);
    await project.write('other.config.ts', onlyRedis);
    const { session } = await up(project, '--runtime', 'embedded');
    const ask = (variables: NodeJS.ProcessEnv, ...parameters: readonly string[]) =>
      project.start(['up', ...parameters], { env: { ...unnamed.env, ...variables } }).end;

    const [plain, same, runtime, variable, config, missing] = [
      await ask({}),
      await ask({ MAYFLY_RUNTIME: 'docker' }, '--runtime', 'embedded', '--config', './mayfly.config.ts'),
      await ask({}, '--runtime', 'docker'),
      await ask({ MAYFLY_RUNTIME: 'docker' }),
      await ask({}, '--config', 'other.config.ts'),
      await ask({}, '--config', 'no.config.ts'),
    ];
    const after = await up(project, '--runtime', 'auto');
    await project.run('down');

    expect(plain).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^REDIS_URL=/) });
    expect(plain.stderr).toMatch(/^mayfly +embedded, named by --runtime\nredis +127/);
    expect(same).toMatchObject({ exitCode: 0, stdout: plain.stdout });
    expect([runtime, variable, config]).toMatchObject(
      ['--runtime asks for docker', 'MAYFLY_RUNTIME asks for docker', 'other.config.ts'].map((difference) => ({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringMatching(new RegExp(`^MAYFLY_UP_OTHERWISE .*${difference}\\. .*\`mayfly down\` first`)),
      })),
    );
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('MAYFLY_CONFIG_NOT_FOUND') });
    expect(after.session).toBe(session);
  });
});
