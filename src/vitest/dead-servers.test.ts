import { expect, test as base } from 'vitest';
import { vitests } from '../../fixtures/cli/vitests.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { runVitest } from '../../fixtures/harness/vitest-run.ts';

const test = base.extend(await withProjectOn('embedded'));

const killing = `test('ends the server', async () => {
  process.kill(Number(inject('mayfly').postgres.place.replace('process ', '')), 'SIGKILL');
});`;

/** What the log of a server ends with that has done nothing yet. */
const logTail = /\| .*database system is ready to accept connections/g;

test('a server that dies is told once, also where no test takes a lease', async ({ project }) => {
  await project.copy('vitest/life');
  await project.write('life.test.ts', `import { inject, test } from 'vitest';\n${killing}`);

  const { exitCode, passed, output } = await runVitest(project);

  expect({ exitCode, passed }).toEqual({ exitCode: 0, passed: ['ends the server'] });
  expect(output.match(/MAYFLY_SERVER_DIED The postgres server has died \(signal SIGKILL\)\./g)).toHaveLength(1);
  expect(output.match(logTail)).toHaveLength(1);
});

test.for(vitests)(
  'under vitest $version tests hear how, and the log is shown once',
  async ({ install }, { project }) => {
    await install(project);
    await project.copy('vitest/life');
    await project.write(
      'life.test.ts',
      `import { inject } from 'vitest';
     import { test } from 'mayfly/vitest';
     ${killing}
     test('needs it', async ({ pg }) => { await pg.query('SELECT 1'); });
     test('needs it, too', async ({ pg }) => { await pg.query('SELECT 1'); });`,
    );

    const { exitCode, passed, failed, output } = await runVitest(project);

    expect({ exitCode, passed }).toEqual({ exitCode: 1, passed: ['ends the server'] });
    expect(Object.keys(failed)).toEqual(['needs it', 'needs it, too']);
    expect(failed['needs it']).toMatch(
      /MayflyError: The postgres server has died \(signal SIGKILL\)\. Its last log lines were printed when it died\./,
    );
    expect(output).toContain(
      "Serialized Error: { code: 'MAYFLY_POSTGRES_UNREACHABLE', service: 'postgres', phase: 'run' }",
    );
    expect(output).not.toContain('Function<');
    expect(output.match(logTail)).toHaveLength(1);
  },
);

test('a lease that cannot be given back for that shows no log, and ends each sentence', async ({ project }) => {
  await project.copy('vitest/life');
  await project.write(
    'life.test.ts',
    `import { expect, inject, vi } from 'vitest';
     import { test } from 'mayfly/vitest';
     test('has a lease', async ({ pg }) => {
       const { rows: [{ n }] } = await pg.query('SELECT count(*)::int AS n FROM pg_class');
       expect(n).toBeGreaterThan(0);
     });
     ${killing}`,
  );

  const { passed, output } = await runVitest(project);

  expect(passed).toEqual(['has a lease', 'ends the server']);
  expect(output).toMatch(
    /could not be given back:\n +- The postgres server has died .+ when it died\.\nSee whether its servers still run/,
  );
  expect(output.match(logTail)).toHaveLength(1);
  expect(output).not.toContain('LOG:  checkpoint');
});
