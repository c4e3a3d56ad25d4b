import type { MayflyErrorCode } from '../../errors/codes.ts';
import { MayflyError } from '../../errors/mayfly-error.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const foreignKeyViolation = '23503';
const uniqueViolation = '23505';
const aboutTheData = /^2[23]/;

/** What the database said of rows that it does not take, as an error of ours; whatever else it is, as it is. */
export function refusal(error: unknown): unknown {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
  return aboutTheData.test(code)
    ? new MayflyError(codeOf(code), {
        message: `The database refuses what was to be made: ${message}.`,
        remedy: 'Correct the fields that were given; nothing was written.',
        service: 'testkit',
        phase: 'run',
        cause: error,
      })
    : error;
}

function codeOf(state: string): MayflyErrorCode {
  switch (state) {
    case foreignKeyViolation:
      return 'MAYFLY_RECORD_NOT_FOUND';
    case uniqueViolation:
      return 'MAYFLY_STATE_REFUSED';
    default:
      return 'MAYFLY_INPUT_INVALID';
  }
}
