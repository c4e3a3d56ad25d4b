import { describe, expect, test } from 'vitest';
import { defineService, serviceRef } from '../service/define-service.ts';
import type { Service } from '../service/service.ts';
import { buildGraph } from './graph.ts';

const needs: Readonly<Record<string, readonly string[]>> = {
  database: [],
  audit: ['database'],
  gdpr: ['database', 'audit'],
  financial: ['database', 'audit'],
  wallet: ['database', 'audit'],
  stripe: ['database', 'audit', 'financial'],
};
const suite = Object.entries(needs).map(([name, dependencies]) => service(name, ...dependencies));

describe('the order', () => {
  test('is that of the list, where it fits', () => {
    expect(namesOf(buildGraph(suite).order)).toEqual(['database', 'audit', 'gdpr', 'financial', 'wallet', 'stripe']);
  });

  test('puts every service after what it depends on, and else first what is listed first', () => {
    const { order } = buildGraph(suite.toReversed());

    expect(namesOf(order)).toEqual(['database', 'audit', 'wallet', 'financial', 'stripe', 'gdpr']);
  });

  test('of nothing is nothing', () => {
    expect(buildGraph([]).order).toEqual([]);
  });
});

test('both directions of a dependency are known', () => {
  const { dependenciesOf, dependentsOf } = buildGraph(suite);

  expect(Object.fromEntries(dependenciesOf)).toEqual(needs);
  expect(Object.fromEntries(dependentsOf)).toEqual({
    database: ['audit', 'gdpr', 'financial', 'wallet', 'stripe'],
    audit: ['gdpr', 'financial', 'wallet', 'stripe'],
    gdpr: [],
    financial: ['stripe'],
    wallet: [],
    stripe: [],
  });
});

test('a service needed under two names is one dependency', () => {
  const twice = defineService({
    name: 'audit',
    dependsOn: { reader: serviceRef('database'), writer: serviceRef('database') },
    start: () => {},
  });

  expect(buildGraph([service('database'), twice]).dependenciesOf.get('audit')).toEqual(['database']);
});

test('a listed service stands in for any other of its name', () => {
  const standIn = service('database');
  const graph = buildGraph([service('audit', 'database'), standIn]);

  expect(graph.order[0]).toBe(standIn);
});

describe('services are refused', () => {
  test('when two have one name', () => {
    expect(() => buildGraph([service('audit'), service('wallet'), service('audit')])).toThrow(
      expect.objectContaining({
        code: 'MAYFLY_SERVICE_DUPLICATE',
        service: 'audit',
        message: 'Two services are named "audit". List each service once, and give each a name of its own.',
      }),
    );
  });

  test('when one needs another that is not there', () => {
    expect(() => buildGraph([service('database'), service('wallet', 'database', 'audit')])).toThrow(
      expect.objectContaining({
        code: 'MAYFLY_SERVICE_UNKNOWN_DEPENDENCY',
        service: 'wallet',
        message:
          'Service "wallet" depends on "audit", which the environment does not have; it has database, wallet. ' +
          'Add "audit" to the definition\'s services.',
      }),
    );
  });

  test.each([
    { what: 'one needs itself', services: [service('a', 'a')], path: 'a → a' },
    { what: 'two need each other', services: [service('a', 'b'), service('b', 'a')], path: 'a → b → a' },
    {
      what: 'a circle is reached from outside of it',
      services: [service('base'), service('top', 'a'), service('a', 'base', 'b'), service('b', 'c'), service('c', 'a')],
      path: 'a → b → c → a',
    },
    {
      what: 'a listed service stands in for the one that another was made with',
      services: [service('audit', 'database'), service('wallet', 'audit'), service('database', 'wallet')],
      path: 'audit → database → wallet → audit',
    },
  ])('when $what: $path', ({ services, path }) => {
    expect(() => buildGraph(services)).toThrow(
      expect.objectContaining({
        code: 'MAYFLY_SERVICE_CYCLE',
        phase: 'configure',
        message: `Services depend on each other in a circle: ${path}. Take one of these dependencies away.`,
      }),
    );
  });
});

/** The dependencies are services of their own, with nothing below them: what counts is what is listed. */
function service(name: string, ...dependencies: readonly string[]): Service {
  const dependsOn = Object.fromEntries(dependencies.map((needed) => [needed, serviceOf(needed)]));
  return defineService({ name, dependsOn, start: () => {} });
}

function serviceOf(name: string): Service {
  return defineService({ name, start: () => {} });
}

function namesOf(services: readonly Service[]): string[] {
  return services.map(({ name }) => name);
}
