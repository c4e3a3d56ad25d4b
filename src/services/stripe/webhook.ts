import { z } from 'zod';
import type { MayflyErrorCode } from '../../errors/codes.ts';
import { isMayflyError, MayflyError } from '../../errors/mayfly-error.ts';
import { functionOf } from '../../service/option-schemas.ts';
import { valid } from '../input.ts';
import { receiveOptions, type Receipt, type ReceiveOptions } from './models.ts';
import { verify, type Refusal } from './verify.ts';

/** Takes a delivery and answers it: what Hono, Bun, Deno and others serve. */
export type Webhook = (request: Request) => Promise<Response>;

export type WebhookOptions = ReceiveOptions & {
  /** The endpoint's signing secret, which begins with `whsec_`. */
  readonly secret: string;
  /** How old a signature may be, in seconds; 300 where it is left out, as in Stripe's own libraries. */
  readonly tolerance?: number;
  /** Is told why a delivery could not be processed; Stripe is told only that. */
  readonly onFailure?: (failure: MayflyError) => void;
};

const ownOptions = z.looseObject({
  secret: z.string().regex(/^whsec_\S+$/, "expected an endpoint's signing secret, which begins with 'whsec_'"),
  tolerance: z.int().positive().exactOptional(),
  onFailure: functionOf<(failure: MayflyError) => void>().exactOptional(),
});

/**
 * An endpoint for Stripe's deliveries. It answers
 *
 * - 200 when the event has been received, now or before: `{ received, eventId, duplicate, state }`;
 * - 400 where it is not from Stripe, too old or no event: `{ error: { code: 'MAYFLY_WEBHOOK_REFUSED', reason, message } }`,
 *   or `MAYFLY_INPUT_INVALID` where Stripe signed what this version of the service cannot read. Nothing was written;
 * - 405 for anything but POST;
 * - 500 where processing failed: `{ error: { code: 'MAYFLY_WEBHOOK_FAILED', message } }`. Nothing was written, and Stripe
 *   delivers again: every answer outside of 200 to 299 makes it (https://docs.stripe.com/webhooks).
 */
export function webhook(
  receive: (event: unknown, options: ReceiveOptions) => Promise<Receipt>,
  options: WebhookOptions,
): Webhook {
  const { secret, tolerance = 300, onFailure } = valid(ownOptions, options, 'stripe');
  const { secret: _, tolerance: __, onFailure: ___, ...rest } = options;
  const scope = valid(receiveOptions, rest, 'stripe');
  return async (request) => {
    if (request.method !== 'POST') {
      const refused = refusal({ reason: 'method', message: 'A webhook is delivered by POST.' });
      return Response.json(refused, { status: 405, headers: { allow: 'POST' } });
    }
    try {
      const verified = await verify(await bodyOf(request), request.headers.get('stripe-signature'), {
        secret,
        tolerance,
      });
      if ('refusal' in verified) {
        return Response.json(refusal(verified.refusal), { status: 400 });
      }
      const { eventId, duplicate, state } = await receive(verified.event, scope);
      return Response.json({ received: true, eventId, duplicate, state });
    } catch (error) {
      // What other services refuse is none of Stripe's doing.
      if (isMayflyError(error) && error.code === 'MAYFLY_INPUT_INVALID' && error.service === 'stripe') {
        return Response.json(failure(error.code, error.message), { status: 400 });
      }
      onFailure?.(failed(error));
      return Response.json(failure('MAYFLY_WEBHOOK_FAILED', 'Nothing was written. Deliver the event again.'), {
        status: 500,
      });
    }
  };
}

/** The bytes as they came: what was parsed and written out again has another signature. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  if (request.bodyUsed) {
    throw new TypeError("the request's body had been read before, and its signature is over its bytes");
  }
  return new Uint8Array(await request.arrayBuffer());
}

function refusal({ reason, message }: { readonly reason: Refusal['reason'] | 'method'; readonly message: string }) {
  return { error: { code: 'MAYFLY_WEBHOOK_REFUSED' satisfies MayflyErrorCode, reason, message } };
}

function failure(code: MayflyErrorCode, message: string) {
  return { error: { code, message } };
}

function failed(cause: unknown): MayflyError {
  return new MayflyError('MAYFLY_WEBHOOK_FAILED', {
    message: `A delivery could not be processed: ${cause instanceof Error ? cause.message : String(cause)}.`,
    remedy: 'Nothing was written; mend the cause, and Stripe delivers the event again.',
    service: 'stripe',
    phase: 'run',
    cause,
  });
}
