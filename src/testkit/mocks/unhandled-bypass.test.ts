// oxlint-disable vitest/no-standalone-expect -- it does not know that withMocks() gives a test
import { expect, test as base } from 'vitest';
import { startFarServer } from '../../../fixtures/mocks/far-server.ts';
import { withMocks } from './with-mocks.ts';

const test = withMocks(base, { unhandled: 'bypass' });

test.beforeAll(async () => {
  await using far = await startFarServer();
  expect(await far.ask()).toBe('accepts anything');
});

test('what no mock answers is let pass', async ({ mocks }) => {
  await using far = await startFarServer();
  const warn = mocks.spyOn(console, 'warn');

  expect(await far.ask()).toBe('accepts anything');

  expect(warn).not.toHaveBeenCalled();
  expect(mocks.requests().map(({ url }) => url)).toEqual([far.url]);
});
