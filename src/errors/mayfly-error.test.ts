import { expect, test } from 'vitest';
import type * as Errors from './mayfly-error.ts';
import { isMayflyError, MayflyError } from './mayfly-error.ts';

const cause = new Error('the port is taken');
const error = new MayflyError('MAYFLY_PORT_TAKEN', {
  message: 'The port 5432 is taken.',
  remedy: 'Name another.',
  service: 'postgres',
  phase: 'start',
  cause,
});
const stopFailed = new MayflyError('MAYFLY_SERVICE_STOP_FAILED', {
  message: 'Service "audit" failed to stop: no luck.',
  remedy: 'Mend its stop.',
});

test('an error says what happened, and last what to do', () => {
  expect(error.message).toBe('The port 5432 is taken. Name another.');
  expect(Object.fromEntries(Object.entries(error))).toEqual({
    code: 'MAYFLY_PORT_TAKEN',
    service: 'postgres',
    phase: 'start',
    summary: 'The port 5432 is taken.',
    remedy: 'Name another.',
    suppressed: [],
  });
  expect(error.cause).toBe(cause);
});

test('an error without a cause has no such property', () => {
  expect('cause' in stopFailed).toBe(false);
});

test('its stack begins with its name and message', () => {
  expect(error).toBeInstanceOf(Error);
  expect(error.stack).toMatch(/^MayflyError: The port 5432 is taken\. Name another\.\n {4}at /);
});

test("the server's last log lines stand between what happened and what to do", () => {
  const { message } = new MayflyError('MAYFLY_SERVER_EXITED', {
    message: 'The server ended.',
    output: ['LOG: starting', 'FATAL: out of memory'],
    remedy: 'Free some.',
  });

  expect(message).toBe('The server ended.\n  | LOG: starting\n  | FATAL: out of memory\nFree some.');
});

test('what introduces the log lines belongs neither to the headline nor to an error without them', () => {
  const titled = { message: 'The server ended.', outputTitle: 'Its log:', remedy: 'Free some.' };
  const withLog = new MayflyError('MAYFLY_SERVER_EXITED', { ...titled, output: ['FATAL: out of memory'] });

  expect(withLog.summary).toBe('The server ended. Its log:\n  | FATAL: out of memory');
  expect(withLog.headline).toBe('The server ended.');
});

test('a report shows of it what says something', () => {
  expect(JSON.parse(JSON.stringify(stopFailed))).toEqual({
    code: 'MAYFLY_SERVICE_STOP_FAILED',
    message: stopFailed.message,
  });
  expect(JSON.parse(JSON.stringify(error.suppressing([stopFailed])))).toMatchObject({
    code: 'MAYFLY_PORT_TAKEN',
    service: 'postgres',
    phase: 'start',
    suppressed: [{ code: 'MAYFLY_SERVICE_STOP_FAILED' }],
  });
});

test('what failed afterwards is shown below, and the first error stays as it was', () => {
  const both = error.suppressing([stopFailed]);

  expect(both).toMatchObject({ code: 'MAYFLY_PORT_TAKEN', service: 'postgres', phase: 'start', cause });
  expect(both.suppressed).toEqual([stopFailed]);
  expect(both.message).toBe(
    'The port 5432 is taken.\n  and then: Service "audit" failed to stop: no luck. Mend its stop.\nName another.',
  );
  expect(both.suppressing([error]).suppressed).toEqual([stopFailed, error]);
  expect(error.suppressed).toEqual([]);
});

test('an error after which nothing failed is itself', () => {
  expect(error.suppressing([])).toBe(error);
});

test('errors are known across two copies of the package', async () => {
  // A variable, because the compiler knows no such file.
  const copy = './mayfly-error.ts?another-copy';
  const other = (await import(copy)) as typeof Errors;
  const theirs = new other.MayflyError('MAYFLY_USAGE', { message: 'Wrong.', remedy: 'Right it.' });

  expect(other.MayflyError).not.toBe(MayflyError);
  expect(theirs).not.toBeInstanceOf(MayflyError);
  expect(isMayflyError(theirs)).toBe(true);
  expect(isMayflyError(new other.TeardownError([theirs], undefined))).toBe(true);
});

test.each([new Error('other'), { code: 'MAYFLY_USAGE', name: 'MayflyError' }, 'MAYFLY_USAGE', null, undefined])(
  '%o is none of them',
  (thrown) => {
    expect(isMayflyError(thrown)).toBe(false);
  },
);
