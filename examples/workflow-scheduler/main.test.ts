import { serveApp } from 'mayfly/testkit';
import { expect, test as base } from './test-context.ts';

const test = base.extend('program', async ({ databaseUrl }, { onCleanup }) => {
  const program = await serveApp(
    {
      command: process.execPath,
      args: ['main.ts'],
      cwd: import.meta.dirname,
      env: { DATABASE_URL: databaseUrl, POLL_MS: '10' },
    },
    { health: '/health' },
  );
  onCleanup(() => program.stop());
  return program;
});

test('the program runs what is due, tells who listens, and ends with a goodbye', async ({
  make,
  program,
  schedules,
  subscribe,
}) => {
  // Its clock is the machine's: this was due long ago, and is due when it is no longer paused.
  const { name } = await make.schedule({ nextRunAt: new Date('2020-01-01'), paused: true });
  const client = await subscribe(program, name);
  await schedules.setPaused(name, false);

  expect(await client.next(({ type }) => type === 'run-succeeded')).toMatchObject({ schedule: name });
  const answer = await program.fetch(`/schedules/${name}/runs`);
  expect(await answer.json()).toMatchObject([
    { state: 'succeeded', steps: [{}, {}, { action: 'verify', attempts: 1 }] },
  ]);

  await program.stop();
  await expect(client.closed).resolves.toMatchObject({ code: 1001 });
});
