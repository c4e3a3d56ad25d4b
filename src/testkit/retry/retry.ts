import { z } from 'zod';
import { MayflyError } from '../../errors/mayfly-error.ts';
import { withDeadline } from '../../service/deadline.ts';
import { callable, milliseconds } from '../../service/option-schemas.ts';
import { retry as retryWith } from '../../service/retry.ts';
import { counted } from '../shown.ts';
import { abortSignal, validOptions } from '../wait-options.ts';
import { AttemptsMade, type RetryRecord } from './attempts-made.ts';

/** How often something is tried, and how long is waited in between. */
export interface RetryOptions {
  /** What is tried, for the record and the error: `the work` where it is left out. */
  readonly name?: string;
  /** Attempts in all, the first included: 5 where it is left out. */
  readonly attempts?: number;
  /** Before the second attempt, in milliseconds, shortened at random by up to half: 50 where it is left out. */
  readonly delay?: number;
  /** The longest wait between two attempts, in milliseconds: 2000 where it is left out. */
  readonly maxDelay?: number;
  /** By how much the wait is multiplied before each further attempt: 2 where it is left out. */
  readonly factor?: number;
  /** How long everything may take, in milliseconds, attempts and waits: 30000 where it is left out. */
  readonly timeout?: number;
  /** Gives up, with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** Says of a failure whether it may pass. One that does not is thrown as it is. Where this is left out, any may. */
  readonly retryIf?: (error: unknown) => boolean;
  /** Is told at the end, however it ended, how many attempts were needed. */
  readonly record?: (record: RetryRecord) => void;
}

/** What an attempt is told. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  /** Aborted when everything has taken too long or was given up. */
  readonly signal: AbortSignal;
}

const retryInput = z.strictObject({
  work: callable,
  name: z.string().min(1).default('the work'),
  attempts: z.int().positive().default(5),
  delay: z.number().nonnegative().default(50),
  maxDelay: milliseconds.default(2_000),
  factor: z.number().min(1).default(2),
  timeout: milliseconds.default(30_000),
  signal: abortSignal,
  retryIf: callable.optional(),
  record: callable.optional(),
});

/**
 * Does `work` until it succeeds, and waits longer after each failure: exponential backoff with jitter.
 *
 * @throws MayflyError `MAYFLY_RETRIES_EXHAUSTED`, saying why each attempt failed, with the last failure as its cause, when
 * no attempts or no time are left; `MAYFLY_INPUT_INVALID` when an option is not valid.
 *
 * @example
 * ```ts
 * const records: RetryRecord[] = [];
 * const mail = await retry(() => mailbox.latest(), { name: 'the mailbox', record: (record) => records.push(record) });
 * ```
 */
export async function retry<T>(work: (attempt: Attempt) => Promise<T> | T, options: RetryOptions = {}): Promise<T> {
  const { name, timeout, signal: asker, ...bounds } = validOptions(retryInput, { ...options, work }, 'retry');
  const made = new AttemptsMade(name);
  const expired = (): MayflyError => exhausted(made, ` within ${timeout} ms`);
  let mayPass = true;
  const retryIf = (error: unknown): boolean => (mayPass = options.retryIf?.(error) !== false);
  const tryAll = async (signal: AbortSignal): Promise<T> => {
    try {
      return await retryWith({ ...bounds, retryIf }, signal, (number) =>
        made.make(async () => work({ number, signal })),
      );
    } catch (error) {
      throw mayPass ? exhausted(made) : error;
    }
  };

  let outcome: RetryRecord['outcome'] = 'failed';
  try {
    const value = await withDeadline({ ms: timeout, signal: asker, expired }, tryAll);
    outcome = 'succeeded';
    return value;
  } catch (error) {
    outcome = asker.aborted ? 'aborted' : 'failed';
    throw error;
  } finally {
    options.record?.(made.record(outcome));
  }
}

function exhausted(made: AttemptsMade, bound = ''): MayflyError {
  const { name, attempts, failures } = made.record('failed');
  return new MayflyError('MAYFLY_RETRIES_EXHAUSTED', {
    message: `${name[0]?.toUpperCase()}${name.slice(1)} did not succeed${bound}, in ${counted(attempts, 'attempt')}${failures.length === 0 ? '.' : ':'}`,
    output: failures.map((reason, index) => `${index + 1}: ${reason}`),
    remedy: 'Mend the cause; if it passes by itself, give more `attempts` or `timeout`.',
    phase: 'run',
    cause: made.lastFailure,
  });
}
