import { z } from 'zod';
import { MayflyError } from '../errors/mayfly-error.ts';

/** What bounds a wait. */
export interface WaitOptions {
  /** How long at most, in milliseconds: 4000 where it is left out. */
  readonly timeout?: number;
  /** Gives the wait up, with the signal's own reason. */
  readonly signal?: AbortSignal;
}

/** Less than the 5 s after which vitest ends a test, so that what is read is the error that says what was waited for. */
export const defaultTimeout = 4_000;

/** Where none is given, one that is never aborted. */
export const abortSignal: z.ZodType<AbortSignal, AbortSignal | undefined> = z
  .instanceof(AbortSignal, { error: 'expected an AbortSignal' })
  .default(() => new AbortController().signal);

/**
 * What `of` was given, with the defaults of what was left out.
 *
 * @throws MayflyError `MAYFLY_INPUT_INVALID`, naming each field that is unknown or of the wrong type.
 */
export function validOptions<Schema extends z.ZodType>(schema: Schema, options: unknown, of: string): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    throw new MayflyError('MAYFLY_INPUT_INVALID', {
      message: `What \`${of}\` was given is not valid:\n${z.prettifyError(parsed.error)}\n`,
      remedy: 'Correct the fields named above.',
      phase: 'run',
    });
  }
  return parsed.data;
}
