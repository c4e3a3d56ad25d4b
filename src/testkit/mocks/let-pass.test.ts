// oxlint-disable vitest/no-standalone-expect -- it does not know that withMocks() gives a test
import { bypass, http, passthrough } from 'msw';
import { expect, test as base } from 'vitest';
import { startFarServer } from '../../../fixtures/mocks/far-server.ts';
import { withMocks } from './with-mocks.ts';

const test = withMocks(base);

test('a mock that says passthrough() lets pass', async ({ mocks }) => {
  await using far = await startFarServer();
  mocks.use(
    http.get('http://far.example/*', () => passthrough()),
    http.get(far.url, () => passthrough()),
  );

  expect(await far.ask()).toBe('accepts anything');

  expect(mocks.requests()).toHaveLength(1);
});

test('what is made by bypass() passes as it was, and counts for nobody', async ({ mocks }) => {
  await using far = await startFarServer();

  expect(await far.ask(Object.fromEntries(bypass(far.url).headers))).toBe('accepts */*');
  expect(await far.ask(Object.fromEntries(bypass(far.url, { headers: { accept: 'text/plain' } }).headers))).toBe(
    'accepts text/plain',
  );

  expect(mocks.requests()).toEqual([]);
});
