import { expect, test as base } from 'vitest';
import { onlyRedis } from '../../fixtures/cli/config-files.ts';
import { withProjectOn } from '../../fixtures/cli/with-project.ts';
import { killServer } from '../../fixtures/harness/kill-server.ts';
import { localRuntimes } from '../../fixtures/harness/runtimes.ts';

for (const runtime of localRuntimes) {
  const test = base.extend(await withProjectOn(runtime));
  const how = { docker: 'exit code 137', embedded: 'signal SIGKILL' }[runtime];

  test.for([0, 3])(
    `a server on ${runtime} that dies under a command is told at once, and the exit code stays %i`,
    async (exitCode, { project }) => {
      await project.write('mayfly.config.ts', onlyRedis);
      const running = project.start(['run', '--', 'sh', '-c', `echo started; read line; exit ${exitCode}`]);
      await running.printed(/started/);
      const [, place = ''] = /^redis .* {2}((?:process|container) \w+)$/m.exec(running.text('stderr')) ?? [];

      await killServer(place);
      await running.printed(/start the environment again\./, 'stderr');
      running.type('\n');

      const { stderr, ...ended } = await running.end;
      expect(ended).toMatchObject({ exitCode, stdout: 'started\n' });
      expect(stderr).toContain(`\nMAYFLY_SERVER_DIED The redis server has died (${how}). Its last log lines:\n  | `);
      expect(stderr.match(/has died|Ready to accept connections/g)).toHaveLength(2);
      expect(stderr).toMatch(/\nmayfly +removed redis in \d+ ms\n$/);
    },
  );
}
