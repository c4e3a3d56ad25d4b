import type { RequestHandler } from 'msw';
import type { vi } from 'vitest';
import type { RecordedRequest, RequestFilter } from './recorded-request.ts';

/** What a test mocks. It is the test's alone, also beside tests that run concurrently, and ends with it. */
export interface Mocks {
  /**
   * Has requests answered by these handlers of MSW, before those that were there. Fails with MAYFLY_MOCK_OUTSIDE_TEST
   * when the test has ended.
   */
  readonly use: (...handlers: readonly RequestHandler[]) => void;
  /**
   * The requests to the outside that were made so far, by the test and by what it started, in the order in which they
   * came: those that a mock answered, those that were refused, and those that were let pass. Requests on this machine are
   * among them where a mock answered.
   */
  readonly requests: (filter?: RequestFilter) => readonly RecordedRequest[];
  /** `vi.fn`, reset when the test ends. */
  readonly fn: typeof vi.fn;
  /**
   * `vi.spyOn`, restored when the test ends. Fails with MAYFLY_MOCK_TAKEN where another running test spies on the same,
   * and with MAYFLY_MOCK_OUTSIDE_TEST when the test has ended.
   */
  readonly spyOn: typeof vi.spyOn;
}
