import { describe, expect, test } from 'vitest';
import type { MayflyError } from '../errors/mayfly-error.ts';
import { defineService, serviceRef } from './define-service.ts';
import type { Service, ServiceContext } from './service.ts';

const context = { signal: new AbortController().signal } as ServiceContext;
const start = (): number => 1;

/** For what the compiler would not let pass. */
const define = (definition: Record<string, unknown>): Service => defineService(definition as never);

describe('a definition is refused', () => {
  test.each([
    { what: 'with an unknown field', wrong: { starts: start }, says: /Unrecognized key: "starts"/ },
    { what: 'without a start', wrong: { start: undefined }, says: /expected a function\n.*at start/ },
    { what: 'with a start that is no function', wrong: { start: 'now' }, says: /expected a function\n.*at start/ },
    { what: 'with a check that is no function', wrong: { check: true }, says: /expected a function\n.*at check/ },
    {
      what: 'with a deadline of nothing',
      wrong: { timeouts: { start: 0 } },
      says: /Too small.*\n.*at timeouts\.start/,
    },
    { what: 'with an unknown deadline', wrong: { timeouts: { begin: 1 } }, says: /Unrecognized key: "begin"/ },
    {
      what: 'with a deadline longer than a timer can wait',
      wrong: { timeouts: { stop: 2 ** 31 } },
      says: /Too big.*\n.*at timeouts\.stop/,
    },
    { what: 'without attempts', wrong: { retry: { attempts: 0 } }, says: /Too small.*\n.*at retry\.attempts/ },
    {
      what: 'with a dependency that is undefined',
      wrong: { dependsOn: { database: undefined } },
      says: /expected a service; undefined here often means that two modules import each other\n.*at dependsOn\.database/,
    },
  ])('$what, by the name of its service', ({ wrong, says }) => {
    const error = thrownBy(() => define({ name: 'audit', start, ...wrong }));

    expect(error).toMatchObject({ code: 'MAYFLY_DEFINITION_INVALID', phase: 'configure' });
    expect(error.message).toMatch(/^The definition of service "audit" is not valid:\n/);
    expect(error.message).toMatch(says);
    expect(error.message).toMatch(/\nCorrect the fields named above\.$/);
  });

  test.each(['', 'Audit', '1st', '-audit', 'audit log', 'audit_log', 'прое'])('with the name "%s"', (name) => {
    const error = thrownBy(() => define({ name, start }));

    expect(error.message).toMatch(/^The definition of service ".*" is not valid:\n.*lower-case letters.*\n.*at name/);
  });

  test.each([undefined, null, 'audit', { start }])('that has no name at all: %o', (definition) => {
    const error = thrownBy(() => define(definition as never));

    expect(error).toMatchObject({ code: 'MAYFLY_DEFINITION_INVALID' });
    expect(error.message).toMatch(/^The definition of a service is not valid:/);
  });
});

test('what is left out is filled in, and what is given is kept', async () => {
  const service: Service<'a-1', number> = defineService({
    name: 'a-1',
    start,
    timeouts: { check: 7 },
    retry: { attempts: 3 },
  });

  expect(service).toMatchObject({
    name: 'a-1',
    dependsOn: {},
    timeouts: { start: 30_000, check: 7, reset: 10_000, stop: 5_000 },
    retry: { attempts: 3, delay: 50, maxDelay: 2_000 },
  });
  await expect(service.start({}, context)).resolves.toBe(1);
  await expect(service.check(1, context)).resolves.toBeUndefined();
  await expect(service.reset(1, context)).resolves.toBeUndefined();
  await expect(service.stop(1, context)).resolves.toBeUndefined();
  expect(service.details(1)).toBeUndefined();
});

test('every function receives the value, and start what it depends on', async () => {
  const heard: unknown[] = [];
  const hear = (...received: unknown[]): void => void heard.push(received);
  const service = defineService({
    name: 'audit',
    dependsOn: { database: serviceRef<'postgres', string>('postgres') },
    start: (...received) => {
      hear(...received);
      return 'value';
    },
    check: hear,
    reset: hear,
    stop: hear,
    details: (value) => ({ value }),
  });

  await service.start({ database: 'url' }, context);
  await service.check('checked', context);
  await service.reset('reset', context);
  await service.stop('stopped', context);

  expect(heard).toEqual([
    [{ database: 'url' }, context],
    ...['checked', 'reset', 'stopped'].map((value) => [value, context]),
  ]);
  expect(service.details('value')).toEqual({ value: 'value' });
});

test('what a function throws is a rejection, whether it is asynchronous or not', async () => {
  const fail = (): never => {
    throw new Error('no luck');
  };
  const service = defineService({ name: 'audit', start: fail, check: fail, reset: fail, stop: fail });

  await expect(service.start({}, context)).rejects.toThrow('no luck');
  await expect(service.check(undefined as never, context)).rejects.toThrow('no luck');
  await expect(service.reset(undefined as never, context)).rejects.toThrow('no luck');
  await expect(service.stop(undefined as never, context)).rejects.toThrow('no luck');
});

function thrownBy(work: () => unknown): MayflyError {
  try {
    work();
  } catch (error) {
    return error as MayflyError;
  }
  throw new Error('It threw nothing.');
}
