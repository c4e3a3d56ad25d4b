import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { defineService } from '../service/define-service.ts';
import type { Service, SharedContext } from '../service/service.ts';
import { Coordinator } from './coordinator.ts';
import { buildGraph } from './graph.ts';
import { Timeline } from './timeline.ts';

const untroubled = new AbortController().signal;

describe('each service starts once', () => {
  test.each([
    { what: 'when everything is started twice', calls: [undefined, undefined] },
    { what: 'when it is named twice', calls: [['wallet', 'wallet'], ['wallet']] },
    { what: 'when others that need it are named', calls: [['wallet'], ['gdpr'], undefined] },
    { what: 'when it is named after everything', calls: [undefined, ['database']] },
  ])('$what, one after the other and at the same time', async ({ calls }) => {
    for (const inTurn of [true, false]) {
      const { services, journal } = suite();
      await using coordinator = coordinate(services);

      const starts = calls.map((names) => () => coordinator.start(untroubled, names));
      if (inTurn) {
        for (const start of starts) {
          await start();
        }
      } else {
        await Promise.all(starts.map((start) => start()));
      }

      expect(journal).toEqual([...new Set(journal)]);
      expect([...coordinator.values.keys()].toSorted()).toEqual(journal.toSorted());
    }
  });
});

describe('the services that are named', () => {
  test('start with all that they need, and nothing else does', async () => {
    const { services, journal } = suite();
    await using coordinator = coordinate(services);

    await coordinator.start(untroubled, ['gdpr']);

    expect(journal).toEqual(['database', 'audit', 'gdpr']);
  });

  test('stop, while there is nothing to be done for the others', async () => {
    const { services } = suite();
    const coordinator = coordinate(services);

    await coordinator.start(untroubled, ['audit']);
    const { steps } = await coordinator.stop();

    expect(steps.map(({ service }) => service)).toEqual(['audit', 'database']);
  });

  test('must be there; nothing is started or stopped otherwise', async () => {
    const { services, journal } = suite();
    await using coordinator = coordinate(services);
    await coordinator.start(untroubled, ['database']);

    await expect(coordinator.start(untroubled, ['audit', 'wallets'])).rejects.toMatchObject({
      code: 'MAYFLY_SERVICE_UNKNOWN',
      service: 'wallets',
      message: 'There is no service "wallets"; there are database, audit, gdpr, wallet. Name one of these.',
    });
    expect(journal).toEqual(['database']);
    await expect(coordinator.start(untroubled, ['audit'])).resolves.toBeUndefined();
  });
});

test('what each start gave is found by its name', async () => {
  const database = defineService({ name: 'database', start: () => ({ url: 'postgres://' }) });
  const nothing = defineService({ name: 'nothing', start: () => {} });
  await using coordinator = coordinate([database, nothing]);

  await coordinator.start(untroubled);

  expect(Object.fromEntries(coordinator.values)).toEqual({ database: { url: 'postgres://' }, nothing: undefined });
});

function suite(): { readonly services: readonly Service[]; readonly journal: string[] } {
  const journal: string[] = [];
  const recorded = (name: string, dependsOn: Readonly<Record<string, Service>> = {}): Service =>
    defineService({ name, dependsOn, start: () => void journal.push(name) });
  const database = recorded('database');
  const audit = recorded('audit', { database });
  return { services: [database, audit, recorded('gdpr', { audit }), recorded('wallet', { audit })], journal };
}

function coordinate(services: readonly Service[]): Coordinator {
  const ownership = { sessionId: 'test', own: () => {}, disown: () => {} };
  const shared: SharedContext = { log: pino({ enabled: false }), ownership, note: () => {} };
  const options = { shared, timeline: new Timeline(), concurrency: Infinity, teardownTimeout: 8_000 };
  return new Coordinator(buildGraph(services), options);
}
