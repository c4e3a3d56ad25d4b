import { expect, test } from 'vitest';
import { isMayflyError, MayflyError, TeardownError } from './mayfly-error.ts';

const errors = ['wallet', 'audit'].map(
  (service) =>
    new MayflyError('MAYFLY_SERVICE_STOP_FAILED', {
      message: `Service "${service}" failed.`,
      remedy: 'Mend it.',
      service,
    }),
);
const report = { steps: ['wallet', 'audit', 'database'], duration: 12 };
const error = new TeardownError(errors, report);

test('the end of a teardown names every step that failed, and last what to do', () => {
  expect(error.message).toBe(
    [
      "2 of the teardown's steps failed:",
      '  - Service "wallet" failed. Mend it.',
      '  - Service "audit" failed. Mend it.',
      'Mend the steps named above; what they hold may have been left behind.',
    ].join('\n'),
  );
  expect(error.message).toBe(`${error.summary}\n${error.remedy}`);
});

test('it carries one error for each of them, and the report', () => {
  expect(error).toBeInstanceOf(AggregateError);
  expect(error.errors).toEqual(errors);
  expect(error.report).toBe(report);
});

test('it is one of the family', () => {
  expect(isMayflyError(error)).toBe(true);
  expect(error).toMatchObject({ name: 'TeardownError', code: 'MAYFLY_TEARDOWN_FAILED', phase: 'stop' });
});
