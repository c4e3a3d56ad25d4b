import type { RequestHandler } from 'msw';
import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { functionOf } from '../../service/option-schemas.ts';

/** What becomes of a request to the outside that no handler answers. */
export type Unhandled = 'error' | 'warn' | 'bypass';

/** Handlers of MSW, or a function that makes them afresh for each test. */
export type MockHandlers = readonly RequestHandler[] | (() => readonly RequestHandler[]);

export interface MockOptions {
  /**
   * What answers in each test, below what the test adds with `mocks.use()`. Handlers that change as they are used, as
   * with `{ once: true }` or a generator, must be made by a function: otherwise one test would use up those of the next.
   */
  readonly handlers?: MockHandlers;
  /**
   * What becomes of a request to the outside that no handler answers: `'error'`, where nothing is said, refuses it and
   * fails the test, `'warn'` lets it pass and says so, `'bypass'` lets it pass.
   */
  readonly unhandled?: Unhandled;
}

/** The same with nothing left open. */
export interface ResolvedOptions {
  readonly makeHandlers: () => readonly RequestHandler[];
  readonly unhandled: Unhandled;
}

const handler = z.custom<RequestHandler>(isRequestHandler, 'expected a handler, as http.get() of msw makes them');
const lasting = handler.refine((given) => !isUsedUp(given), {
  error: 'is used up by the first test that comes to it; give a function that makes the handlers',
});
const makes = functionOf<() => readonly RequestHandler[]>();

const schema = z.strictObject({
  handlers: z.union([z.array(lasting), makes]).default([]),
  unhandled: z.enum(['error', 'warn', 'bypass']).default('error'),
});

/** Fails with MAYFLY_DEFINITION_INVALID. */
export function resolveOptions(options: MockOptions): ResolvedOptions {
  const { handlers, unhandled } = checked(schema, options, 'withMocks()');
  const makeHandlers = typeof handlers === 'function' ? () => checkHandlers(handlers(), 'handlers()') : () => handlers;
  return { makeHandlers, unhandled };
}

/** Fails with MAYFLY_DEFINITION_INVALID where `from` was given anything else. */
export function checkHandlers(handlers: readonly RequestHandler[], from: string): readonly RequestHandler[] {
  return checked(z.array(handler), handlers, from);
}

function checked<Schema extends z.ZodType>(of: Schema, value: unknown, from: string): z.output<Schema> {
  const result = of.safeParse(value);
  if (!result.success) {
    throw new MayflyError('MAYFLY_DEFINITION_INVALID', {
      message: `What ${from} was given is wrong: ${z.prettifyError(result.error)}`,
      remedy: 'Correct it; docs/testkit.md shows what mocks take.',
      phase: 'configure',
      cause: result.error,
    });
  }
  return result.data;
}

/** By its shape: a project may have two copies of msw. */
function isRequestHandler(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'request' && 'run' in value;
}

/** MSW keeps both to itself, and has no other way to ask. */
function isUsedUp(given: object): boolean {
  const { options, resolver } = given as { options?: { once?: boolean }; resolver?: unknown };
  const kind = Object.prototype.toString.call(resolver);
  return options?.once === true || kind === '[object GeneratorFunction]' || kind === '[object AsyncGeneratorFunction]';
}
