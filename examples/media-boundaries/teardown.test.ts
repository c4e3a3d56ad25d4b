import { existsSync } from 'node:fs';
import { defineService, startEnvironment, type TeardownError, type TeardownReport } from 'mayfly';
import { expect, test } from 'vitest';
import definition from './mayfly.config.ts';

test('a media server is taken down in reverse, and what it had with it', async () => {
  const environment = await startEnvironment(definition);
  const lease = await environment.lease({ name: 'an evening' });
  const { site, storage } = lease.services;
  await storage.write(crypto.randomUUID(), Buffer.from('a film'));

  const { steps, duration } = await environment.stop();

  expect(existsSync(storage.directory)).toBe(false);
  await expect(site.fetch('/health')).rejects.toMatchObject({ code: 'MAYFLY_APP_EXITED' });
  // The lease that was still out went first.
  const spans = environment.timeline.filter(({ phase }) => phase === 'stop');
  const order = spans.map(({ service }) => service);
  expect(order[0]).toBe('site');
  expect(order.indexOf('storage')).toBeLessThan(order.lastIndexOf('postgres'));
  // And every step says what it took.
  expect(steps).toEqual(
    expect.arrayContaining([
      { service: 'postgres', outcome: 'stopped', duration: expect.any(Number) },
      { service: 'redis', outcome: 'stopped', duration: expect.any(Number) },
    ]),
  );
  expect(duration).toEqual(expect.any(Number));
});

test('a step that fails, or never ends, keeps no other from being carried out', async () => {
  const stopped: string[] = [];
  const part = <const Name extends string>(name: Name) =>
    ({ name, scope: 'run', start: () => name, stop: () => void stopped.push(name) }) as const;
  const disk = defineService(part('disk'));
  const index = defineService({
    ...part('index'),
    dependsOn: { disk },
    stop: () => {
      throw new Error('it is locked');
    },
  });
  const player = defineService({
    ...part('player'),
    dependsOn: { index },
    timeouts: { stop: 20 },
    stop: () => new Promise(() => {}),
  });
  const screen = defineService({ ...part('screen'), dependsOn: { player } });
  const environment = await startEnvironment({
    postgres: false,
    redis: false,
    services: [disk, index, player, screen],
  });

  const failure: unknown = await environment.stop().catch((error: unknown) => error);

  const { errors, report } = failure as TeardownError<TeardownReport>;
  expect(stopped).toEqual(['screen', 'disk']);
  expect(errors).toMatchObject([
    { code: 'MAYFLY_SERVICE_STOP_TIMEOUT', service: 'player' },
    { code: 'MAYFLY_SERVICE_STOP_FAILED', service: 'index', message: expect.stringContaining('it is locked') },
  ]);
  expect(report.steps).toMatchObject([
    { service: 'screen', outcome: 'stopped', duration: expect.any(Number) },
    { service: 'player', outcome: 'timed out', duration: expect.any(Number) },
    { service: 'index', outcome: 'failed', duration: expect.any(Number) },
    { service: 'disk', outcome: 'stopped', duration: expect.any(Number) },
  ]);
});
