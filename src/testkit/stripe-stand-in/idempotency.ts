import { ApiError } from './api-error.ts';

/** What a request was answered with. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * The answers to requests with an idempotency key: a request that comes again is not carried out again
 * (https://docs.stripe.com/api/idempotent_requests). Of one that failed for its parameters nothing is kept.
 */
export class Idempotency {
  readonly #answers: Map<string, { readonly request: string; readonly answer: Answer }> = new Map();

  answer(key: string | undefined, request: string, carryOut: () => Answer): Answer & { readonly replayed: boolean } {
    const before = key === undefined ? undefined : this.#answers.get(key);
    if (before !== undefined) {
      if (before.request !== request) {
        throw new ApiError(400, {
          type: 'idempotency_error',
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        });
      }
      return { ...before.answer, replayed: true };
    }
    const answer = carryOut();
    if (key !== undefined && answer.status !== 400) {
      this.#answers.set(key, { request, answer });
    }
    return { ...answer, replayed: false };
  }
}
