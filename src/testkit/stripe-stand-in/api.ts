import { ApiError } from './api-error.ts';
import { CheckoutSessions } from './checkout-sessions.ts';
import { expanded } from './expand.ts';
import { decodeForm } from './form.ts';
import { Idempotency, type Answer } from './idempotency.ts';
import { answer, routes } from './routes.ts';
import type { Store } from './store.ts';

/** A request as it came over HTTP. */
export interface ApiRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly body: string;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | undefined;
}

/** Stripe's API as functions, without the HTTP. */
export class Api {
  readonly sessions: CheckoutSessions;
  readonly #store: Store;
  readonly #routes: ReturnType<typeof routes>;
  readonly #idempotency: Idempotency = new Idempotency();

  constructor(store: Store, url: () => string) {
    this.#store = store;
    this.sessions = new CheckoutSessions(store, url);
    this.#routes = routes(store, this.sessions);
  }

  answer(request: ApiRequest, requestId: string): Answer & { readonly replayed: boolean } {
    try {
      authenticate(request.authorization);
      const key = request.method === 'POST' ? request.idempotencyKey : undefined;
      return this.#idempotency.answer(key, `${request.method} ${request.url}\n${request.body}`, () => {
        this.#store.cause = { id: requestId, idempotency_key: key ?? null };
        try {
          return this.#carryOut(request);
        } finally {
          this.#store.cause = null;
        }
      });
    } catch (error) {
      return { ...failed(error), replayed: false };
    }
  }

  #carryOut({ method, url, body }: ApiRequest): Answer {
    try {
      const { pathname, search } = new URL(url, 'http://stand-in');
      const { expand, ...form } = decodeForm(method === 'POST' ? body : search.slice(1));
      const value = expanded(this.#store, answer(this.#routes, method, pathname, form), expand);
      return { status: 200, body: JSON.stringify(value) };
    } catch (error) {
      return failed(error);
    }
  }
}

/** @throws ApiError 401 without a key for tests. A live one has no business here. */
function authenticate(authorization: string | undefined): void {
  const key = /^Bearer (?<key>\S+)$/.exec(authorization ?? '')?.groups?.['key'];
  if (key === undefined || !/^(sk|rk)_test_/.test(key)) {
    const message =
      key === undefined
        ? 'You did not provide an API key.'
        : 'Invalid API key provided. This is a test double of Stripe, which takes keys that begin with sk_test_.';
    throw new ApiError(401, { type: 'invalid_request_error', message });
  }
}

function failed(error: unknown): Answer {
  const { status, body } =
    error instanceof ApiError
      ? error
      : new ApiError(500, { type: 'api_error', message: `The stand-in failed: ${String(error)}` });
  return { status, body: JSON.stringify({ error: body }) };
}
