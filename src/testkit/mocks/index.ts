/// <reference lib="esnext.disposable" />

export type { MockOptions, MockHandlers, Unhandled } from './options.ts';
export type { Mocks } from './mocks.ts';
export type { RecordedRequest, RequestFilter } from './recorded-request.ts';
export { withMocks, type MockFixtures } from './with-mocks.ts';
