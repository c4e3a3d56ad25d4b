/** Why a delivery is not accepted. */
export interface Refusal {
  readonly reason: 'signature_missing' | 'signature_invalid' | 'too_old' | 'not_an_event';
  readonly message: string;
}

/** What Stripe's library says of a signature that is right, but over an old time (stripe 23, Webhooks.js). */
const tooOld = 'Timestamp outside the tolerance zone';

/**
 * The event in a delivery whose signature is right and recent, or why there is none. Stripe's own library decides, in
 * constant time; a signature from the future is as good as a recent one there.
 */
export async function verify(
  body: Uint8Array,
  signature: string | null,
  { secret, tolerance }: { readonly secret: string; readonly tolerance: number },
): Promise<{ readonly event: unknown } | { readonly refusal: Refusal }> {
  if (signature === null || signature === '') {
    return refuse('signature_missing', 'The stripe-signature header is missing.');
  }
  const { default: Stripe } = await import('stripe');
  try {
    return { event: await Stripe.webhooks.constructEventAsync(body, signature, secret, tolerance) };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) {
      // It is Stripe's, and yet not JSON, or a notification of another kind.
      return refuse('not_an_event', 'The body is not a webhook event.');
    }
    return error.message === tooOld
      ? refuse('too_old', `The signature is more than ${tolerance} seconds old.`)
      : refuse('signature_invalid', 'The signature does not fit the body and the secret of this endpoint.');
  }
}

function refuse(reason: Refusal['reason'], message: string): { readonly refusal: Refusal } {
  return { refusal: { reason, message } };
}
