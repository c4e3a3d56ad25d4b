// The compiler is what runs these tests, on each vitest that is a peer: nothing here is ever called.
import { http, HttpResponse, ws } from 'msw';
import type { Pool } from 'pg';
import { describe, expectTypeOf, test as base, type Mock } from 'vitest';
import { defineEnvironment } from '../../config/definition.ts';
import { defineService } from '../../service/define-service.ts';
import { mayflyTest, type SharedLease } from '../../vitest/fixtures.ts';
import { withMocks, type Mocks, type RecordedRequest } from './index.ts';

interface Mailer {
  readonly from: string;
  readonly send: (to: string) => Promise<number>;
}

declare const mailer: Mailer;
const answered = http.get('https://mail.example/', () => HttpResponse.json({}));
const clock = defineService({ name: 'clock', start: () => new Date() });
const test = withMocks(mayflyTest(defineEnvironment({ services: [clock] })), { handlers: [answered] });

test('a test has mocks, and what it had before', ({ mocks, pg, services, task }) => {
  expectTypeOf(mocks).toEqualTypeOf<Mocks>();
  expectTypeOf(pg).toEqualTypeOf<Pool>();
  expectTypeOf(services).toEqualTypeOf<{ readonly clock: Date }>();
  expectTypeOf(task.name).toBeString();
});

// @ts-expect-error -- mocks
test('what is misspelt does not compile', ({ mock }) => mock);

test('handlers and requests are typed', ({ mocks }) => {
  mocks.use(answered, answered);
  // @ts-expect-error -- handlers, not a list of them
  mocks.use([answered]);
  // @ts-expect-error -- sockets are not mocked
  mocks.use(ws.link('wss://live.example').addEventListener('connection', () => {}));
  expectTypeOf(mocks.requests({ method: 'GET', url: /mail/ })).toEqualTypeOf<readonly RecordedRequest[]>();
  expectTypeOf<RecordedRequest['body']>().toBeUnknown();
});

test('spies and functions are typed as those of vitest', ({ mocks }) => {
  expectTypeOf(mocks.spyOn(mailer, 'send')).toEqualTypeOf<Mock<(to: string) => Promise<number>>>();
  expectTypeOf(mocks.spyOn(mailer, 'from', 'get')).toEqualTypeOf<Mock<() => string>>();
  // @ts-expect-error -- send
  mocks.spyOn(mailer, 'sends');
  expectTypeOf(mocks.fn((to: string) => to.length)).toEqualTypeOf<Mock<(to: string) => number>>();
});

describe('options', () => {
  withMocks(base, { handlers: () => [answered], unhandled: 'warn' });
  // @ts-expect-error -- what does not exist
  withMocks(base, { unhandled: 'ignore' });
  // @ts-expect-error -- handlers
  withMocks(base, { handler: [answered] });
});

describe('what is built on it', () => {
  const withRate = test.extend('rate', async ({ mocks, services }) => {
    expectTypeOf(mocks).toEqualTypeOf<Mocks>();
    return services.clock.getTime();
  });

  withRate('has both', ({ rate, mocks }) => {
    expectTypeOf(rate).toBeNumber();
    expectTypeOf(mocks).toEqualTypeOf<Mocks>();
  });

  withRate.beforeEach(({ mocks }) => mocks.use(answered));
  withRate.beforeAll(({ fileLease }) => {
    expectTypeOf(fileLease).toEqualTypeOf<SharedLease>();
  });
  // @ts-expect-error -- they are of one test
  withRate.beforeAll(({ mocks }) => mocks);
});
