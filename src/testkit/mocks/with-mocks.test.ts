import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test as base } from 'vitest';
import { vitests } from '../../../fixtures/cli/vitests.ts';
import { withProjectOn } from '../../../fixtures/cli/with-project.ts';
import { allPassed, runVitest } from '../../../fixtures/harness/vitest-run.ts';

const test = base.extend(await withProjectOn('embedded'));

const inOneThread = ['--maxWorkers=1', '--pool=threads', '--no-isolate'];

describe.each(vitests)('on vitest $version', ({ version, install }) => {
  test('tests have mocks of their own, in any order and at the same time', async ({ project }) => {
    await install(project);
    await project.copy('vitest/mocks');

    const run = await runVitest(project, ['--sequence.shuffle']);

    expect(run.output).toContain(`RUN  v${version}`);
    expect(run).toEqual(allPassed(58));
  });

  test('so they have in one thread for all files', async ({ project }) => {
    await install(project);
    await project.copy('vitest/mocks');

    expect(await runVitest(project, inOneThread)).toEqual(allPassed(58));
  });

  test('mocks leave databases alone, and leases mocks', async ({ project }) => {
    await install(project);
    await project.copy('vitest/mocks-leases');

    expect(await runVitest(project)).toEqual(allPassed(8));
  });

  test.for([
    { where: 'in a worker for each file', parameters: [] },
    { where: 'in one thread', parameters: inOneThread },
  ])('what tests leave fails them or their file, $where', async ({ parameters }, { project }) => {
    await install(project);
    await project.copy('vitest/mocks-left');

    const { exitCode, failed, output } = await runVitest(project, parameters);

    expect(exitCode).toBe(1);
    const reasons = Object.fromEntries(Object.entries(failed).map(([name, text]) => [name, firstLineOf(text)]));
    expect(reasons).toEqual({
      'swallows that a request is refused': expect.stringMatching(
        /requested POST https:\/\/mail\.example\/send \(2 times\), and no mock answered.* mocks\.use\(http\.post\(/,
      ),
      'finds the reason in the error': unanswered('GET https://mail.example/'),
      'requests by Node': unanswered('GET http://mail.example/node'),
      'requests by a socket': unanswered('GET http://mail.example/socket'),
      'opens a WebSocket': unanswered('GET https://live.example/seats'),
      'does not wait': unanswered('GET https://mail.example/forgotten'),
      'has a handler that throws': 'Error: the handler is wrong',
      'a suite is guarded': unanswered('GET https://mail.example/suite'),
      'leaves the timers faked': expect.stringContaining('"leaves the timers faked" left the timers or the time faked'),
      'leaves the time set': expect.stringContaining('"leaves the time set" left the timers or the time faked'),
      'at the same time wants the same spy': taken('send of an object'),
      "at the same time wants it by vitest's own": taken('send of an object'),
      'at the same time wants the time': taken('the timers'),
      'does not run': '',
    });
    const files = Array.from(
      output.matchAll(/^ FAIL {2}(\S+\.test\.ts) \[.*\]\n(.*)$/gm),
      ([, file, reason]) => `${file}: ${reason}`,
    );
    expect(files.sort()).toEqual([
      expect.stringMatching(/^late\.test\.ts: .*"sends what is complete only later" requested POST .*\/letter/),
      expect.stringMatching(/^late\.test\.ts: .*GET https:\/\/mail\.example\/late .* "begins what it does not await"/),
      expect.stringMatching(/^outside\.test\.ts: .*GET https:\/\/mail\.example\/early .* while no test was running/),
      expect.stringMatching(/^outside\.test\.ts: .*GET https:\/\/rates\.example\/eur .* > runs as well" were running/),
      expect.stringMatching(/^two\.test\.ts: .* two withMocks\(\)/),
    ]);
    expect(output).not.toContain('secret');
  });

  test("a user's compiler knows what there is", async ({ project }) => {
    await install(project);
    await project.copy('vitest/types');
    // What is promised of our own sources is so of what is published.
    const promises = await readFile(join(import.meta.dirname, 'with-mocks.test-d.ts'), 'utf8');
    const published = promises
      .replaceAll("'./index.ts'", "'mayfly/testkit/mocks'")
      .replaceAll(/'\.\.[^']+fixtures\.ts'/g, "'mayfly/vitest'")
      .replaceAll(/'\.\.\/[^']+'/g, "'mayfly'");
    await project.write('mocks.ts', published);

    const { exitCode, stdout } = await project.spawn('node', ['node_modules/typescript/bin/tsc']).end;

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });
});

function firstLineOf(text: string): string {
  return text.split('\n')[0] ?? '';
}

function unanswered(call: string): unknown {
  return expect.stringContaining(`requested ${call}, and no mock answered`);
}

function taken(what: string): unknown {
  return expect.stringContaining(
    `"at the same time > has a spy and the time" has mocked ${what}, and is still running`,
  );
}
