// oxlint-disable vitest/no-standalone-expect -- it does not know that withMocks() gives a test
import { expect, test as base } from 'vitest';
import { startFarServer } from '../../../fixtures/mocks/far-server.ts';
import { withMocks } from './with-mocks.ts';

const test = withMocks(base, { unhandled: 'warn' });

test('what no mock answers is let pass, and said', async ({ mocks }) => {
  await using far = await startFarServer();
  const warn = mocks.spyOn(console, 'warn').mockReturnValue();

  expect(await far.ask()).toBe('accepts anything');

  expect(warn).toHaveBeenCalledExactlyOnceWith(
    `mayfly    GET ${far.url} of "what no mock answers is let pass, and said" was let pass: no mock answered`,
  );
  expect(mocks.requests()).toHaveLength(1);
});
