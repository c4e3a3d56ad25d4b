/** What the media server refuses, by what the world is told, and the status that goes with it. */
const statuses = {
  invalid: 400,
  'wrong-password': 401,
  'not-signed-in': 401,
  'unknown-media': 404,
  'already-there': 409,
  'email-taken': 409,
  'too-large': 413,
  'wrong-type': 415,
  'too-often': 429,
  'details-unavailable': 503,
  'quota-exceeded': 507,
} as const;

export type RefusalCode = keyof typeof statuses;

/** An answer rather than an accident: whoever asked can do something about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: number;
  /** In how many seconds it may go better. */
  readonly retryAfter: number | undefined;

  constructor(
    code: RefusalCode,
    message: string,
    { retryAfter, cause }: { readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.status = statuses[code];
    this.retryAfter = retryAfter;
  }
}
