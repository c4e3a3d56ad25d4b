import type Stripe from 'stripe';

/** What Stripe writes under `error` (https://docs.stripe.com/api/errors). */
export interface ErrorBody {
  readonly type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly charge?: string;
  readonly payment_intent?: Stripe.PaymentIntent;
}

/** An answer other than 200, in the shape in which Stripe gives it. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }

  static invalid(message: string, details: { readonly code?: string; readonly param?: string } = {}): ApiError {
    return new ApiError(400, { type: 'invalid_request_error', message, ...details });
  }

  static missing(kind: string, id: string): ApiError {
    const message = `No such ${kind}: '${id}'`;
    return new ApiError(404, { type: 'invalid_request_error', code: 'resource_missing', message, param: 'id' });
  }

  static unexpectedState(intent: Stripe.PaymentIntent, message: string): ApiError {
    return new ApiError(400, {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message,
      payment_intent: structuredClone(intent),
    });
  }
}
