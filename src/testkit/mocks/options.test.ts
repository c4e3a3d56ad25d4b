import { http, HttpResponse, type RequestHandler } from 'msw';
import { describe, expect, test } from 'vitest';
import { resolveOptions, type MockOptions } from './options.ts';

const answer = (): HttpResponse<string> => HttpResponse.text('answered');
const lasting = http.get('*', answer);
const once = http.get('*', answer, { once: true });

describe('handlers', () => {
  test('are those that were given, or made afresh each time', () => {
    const { makeHandlers } = resolveOptions({ handlers: () => [http.get('*', answer, { once: true })] });
    expect(resolveOptions({ handlers: [lasting] }).makeHandlers()).toEqual([lasting]);
    expect(makeHandlers()[0]).not.toBe(makeHandlers()[0]);
  });

  test.each<[string, RequestHandler]>([
    ['{ once: true }', once],
    [
      'a generator',
      http.get('*', function* () {
        yield answer();
      }),
    ],
  ])('that are used up must be made by a function: %s', (_, handler) => {
    expect(() => resolveOptions({ handlers: [handler] })).toThrow(
      expect.objectContaining({
        code: 'MAYFLY_DEFINITION_INVALID',
        message: expect.stringContaining('give a function that makes the handlers') as string,
      }),
    );
  });
});

test.each<[string, unknown]>([
  ['an unknown option', { handler: [] }],
  ['an unknown policy', { unhandled: 'ignore' }],
  ['what is no handler', { handlers: [{}] }],
])('%s is refused', (_, options) => {
  expect(() => resolveOptions(options as MockOptions)).toThrow(
    expect.objectContaining({ code: 'MAYFLY_DEFINITION_INVALID' }),
  );
});

test('so is what a function makes that is no handler', () => {
  const { makeHandlers } = resolveOptions({ handlers: () => [[lasting]] as unknown as RequestHandler[] });
  expect(makeHandlers).toThrow(expect.objectContaining({ code: 'MAYFLY_DEFINITION_INVALID' }));
});
