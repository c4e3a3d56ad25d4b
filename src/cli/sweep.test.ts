import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test as base } from 'vitest';
import { list } from '../../fixtures/cli/leftovers.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { abandonSession } from '../../fixtures/harness/abandoned-session.ts';

const test = base.extend(await withProjectOn('embedded'));

const id = '0123456789ab';

test('sweep says what it would remove, removes it, and then finds nothing', async ({ project }) => {
  const data = join(project.data, `mayfly-${id}-redis`);
  mkdirSync(data);
  const innocent = join(project.data, 'somebody');
  mkdirSync(innocent);
  abandonSession(join(project.state, 'sessions', id), {
    data: { kind: 'directory', path: data },
    other: { kind: 'directory', path: innocent },
  });

  const dry = await project.run('sweep', '--dry-run');
  expect(dry).toMatchObject({
    exitCode: 0,
    stdout: `mayfly    session ${id} of /somewhere would be removed (data, other)\n`,
  });
  expect(list(project.data).toSorted()).toEqual([`mayfly-${id}-redis`, 'somebody']);

  const json = await project.run('sweep', '--json');
  expect(json.exitCode).toBe(0);
  expect(JSON.parse(json.stdout)).toEqual({
    dryRun: false,
    sessions: [
      {
        session: id,
        project: '/somewhere',
        createdAt: '2020-01-01T00:00:00.000Z',
        owned: ['data', 'other'],
        outcome: 'gone',
        failures: [],
      },
    ],
    cache: [],
  });
  // Whatever a record names, only what carries the session's name is removed.
  expect(list(project.data)).toEqual(['somebody']);
  rmdirSync(innocent);
  expect(list(join(project.state, 'sessions'))).toEqual([]);
  expect(await project.run('sweep')).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: 'mayfly    there was nothing to sweep\n',
  });
});

test('what cannot be removed is said, exit code 1, and its record stays', async ({ project }) => {
  const url = 'postgres://nobody:secret@127.0.0.1:1/postgres';
  abandonSession(join(project.state, 'sessions', id), { database: { kind: 'database', url, name: `mayfly_${id}` } });

  const swept = await project.run('sweep');

  expect(swept).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(
      /^mayfly +session 0123456789ab of \/somewhere could not be removed:\n +database: .*ECONNREFUSED/,
    ),
  });
  expect(swept.stdout).not.toContain('secret');
  expect(list(join(project.state, 'sessions'))).toEqual([id]);
  rmSync(join(project.state, 'sessions', id), { recursive: true });
});

test('what is younger than a minute is said to be left alone', async ({ project }) => {
  const directory = join(project.state, 'sessions', id);
  const createdAt = new Date().toISOString();
  mkdirSync(join(project.state, 'sessions'), { recursive: true, mode: 0o700 });
  abandonSession(directory, { data: { kind: 'directory', path: project.data } }, { createdAt });

  const [plain, dry, json] = [
    await project.run('sweep'),
    await project.run('sweep', '--dry-run'),
    await project.run('sweep', '--json'),
  ];
  const help = await project.run('sweep', '--help');

  const left = { exitCode: 0, stdout: '', stderr: 'mayfly    1 session was left alone: younger than a minute\n' };
  expect([plain, dry]).toMatchObject([left, left]);
  expect(JSON.parse(json.stdout)).toMatchObject({ sessions: [{ session: id, createdAt, outcome: 'young' }] });
  expect(list(join(project.state, 'sessions'))).toEqual([id]);
  expect(help.stdout.replaceAll(/\s+/g, ' ')).toContain('less than a minute ago are left alone');
  rmSync(directory, { recursive: true });
});
