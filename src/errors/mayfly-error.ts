import type { MayflyErrorCode } from './codes.ts';

/** Where in the life of an environment an error arose. */
export type Phase = 'configure' | 'select' | 'provision' | 'start' | 'check' | 'run' | 'reset' | 'stop';

/** What a Mayfly error is made of. */
export interface MayflyErrorDetails {
  /** What went wrong, as one or more sentences, each with its full stop. */
  readonly message: string;
  /** What the reader can do about it: the last sentence of the error's message. */
  readonly remedy: string;
  /** The service concerned, where there is one. */
  readonly service?: string | undefined;
  readonly phase?: Phase | undefined;
  readonly cause?: unknown;
  /** The server's own last log lines, shown below the message. */
  readonly output?: readonly string[] | undefined;
  /** What introduces them, after the message and on its line. */
  readonly outputTitle?: string | undefined;
  /** What failed as well while the first failure was being dealt with, such as the steps of a roll-back. */
  readonly suppressed?: readonly MayflyError[] | undefined;
}

// The brand is registered globally so that it also holds between two copies of the package in one process.
const brand = Symbol.for('mayfly.error');

/**
 * The one family of errors that Mayfly throws.
 *
 * `code` is stable and listed in the README; the message says what happened and ends with what to do.
 */
export class MayflyError extends Error {
  readonly code: MayflyErrorCode;
  readonly service: string | undefined;
  readonly phase: Phase | undefined;
  readonly remedy: string;
  /** The message without its last sentence, the remedy. */
  readonly summary: string;
  /** What failed as well while this failure was being dealt with, such as the steps of a roll-back. */
  readonly suppressed: readonly MayflyError[];
  readonly #details: MayflyErrorDetails;

  constructor(code: MayflyErrorCode, details: MayflyErrorDetails) {
    const summary = summarise(details);
    const separator = summary.includes('\n') ? '\n' : ' ';
    super(
      `${summary}${separator}${details.remedy}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.service = details.service;
    this.phase = details.phase;
    this.remedy = details.remedy;
    this.summary = summary;
    this.suppressed = details.suppressed ?? [];
    this.#details = details;
    markAsMayflyError(this);
  }

  /**
   * What happened, alone: without log lines, what failed as well, and the remedy.
   *
   * @internal
   */
  get headline(): string {
    return this.#details.message.trimEnd();
  }

  /** What there is to know beside the stack and the cause, for reports: those of vitest show nothing else then. */
  toJSON(): object {
    const { code, message, service, phase, suppressed } = this;
    return {
      code,
      message,
      ...(service !== undefined && { service }),
      ...(phase !== undefined && { phase }),
      ...(suppressed.length > 0 && { suppressed }),
    };
  }

  /** A copy of this error that also says what else failed after it; itself where nothing did. */
  suppressing(errors: readonly MayflyError[]): MayflyError {
    return errors.length === 0
      ? this
      : new MayflyError(this.code, { ...this.#details, suppressed: [...this.suppressed, ...errors] });
  }

  static {
    Object.defineProperty(MayflyError.prototype, 'name', { value: 'MayflyError', configurable: true, writable: true });
  }
}

/**
 * Thrown once at the end of a teardown in which steps failed. `errors` holds one {@link MayflyError} for each of them,
 * `report` every step with its time.
 */
export class TeardownError<Report = unknown> extends AggregateError {
  declare errors: MayflyError[];
  readonly code = 'MAYFLY_TEARDOWN_FAILED';
  readonly phase = 'stop';
  readonly summary: string;
  readonly remedy: string = 'Mend the steps named above; what they hold may have been left behind.';
  readonly report: Report;

  constructor(errors: readonly MayflyError[], report: Report) {
    const reasons = errors.map((error) => `  - ${error.message}`);
    super(errors, [`${errors.length} of the teardown's steps failed:`, ...reasons].join('\n'));
    this.summary = this.message;
    this.message += `\n${this.remedy}`;
    this.report = report;
    markAsMayflyError(this);
  }

  /** What there is to know beside the stack, for reports. */
  toJSON(): object {
    const { code, message, phase, errors } = this;
    return { code, message, phase, errors };
  }

  static {
    Object.defineProperty(TeardownError.prototype, 'name', {
      value: 'TeardownError',
      configurable: true,
      writable: true,
    });
  }
}

/** Whether a thrown value is one of Mayfly's errors, also when it comes from another copy of the package. */
export function isMayflyError(value: unknown): value is MayflyError | TeardownError {
  return typeof value === 'object' && value !== null && brand in value;
}

function markAsMayflyError(error: Error): void {
  Object.defineProperty(error, brand, { value: true });
}

function summarise({ message, output = [], outputTitle, suppressed = [] }: MayflyErrorDetails): string {
  const first = outputTitle === undefined ? message.trimEnd() : `${message} ${outputTitle}`;
  const below = [...output.map((line) => `  | ${line}`), ...suppressed.map((error) => `  and then: ${error.message}`)];
  return [first, ...below].join('\n');
}
