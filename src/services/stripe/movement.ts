import { z } from 'zod';

/** Where an event wants a payment to go; `linked` and `attempt_failed` leave it in its state. */
export const destinations = ['linked', 'attempt_failed', 'authorized', 'completed', 'failed', 'refunded'] as const;
export type Destination = (typeof destinations)[number];

/** What an event asks for, and of which payment: all that is kept of it. There is nothing personal in it. */
export interface Movement {
  readonly to: Destination;
  /** The three ways in which a payment is known to Stripe; at least one is given. */
  readonly session: string | null;
  readonly paymentIntent: string | null;
  /** The application's own, from `client_reference_id` or `metadata.reference`. */
  readonly reference: string | null;
  /** In the currency's smallest unit: authorised, received or, in all, refunded; null where the event has no amount. */
  readonly amount: number | null;
  /** As ISO 4217 writes it, in capitals. */
  readonly currency: string | null;
}

export const movementModel: z.ZodType<Movement> = z.strictObject({
  to: z.enum(destinations),
  session: z.string().nullable(),
  paymentIntent: z.string().nullable(),
  reference: z.string().nullable(),
  amount: z.int().nonnegative().nullable(),
  currency: z.string().nullable(),
});
