import { defineService } from '../../service/define-service.ts';
import type { Service } from '../../service/service.ts';
import { StripeStandIn } from './stand-in.ts';

/** A stand-in for Stripe with each lease, so that no test sees the payments of another. It ends with the lease. */
export const stripeStandIn: Service<'stripe-stand-in', StripeStandIn, undefined, 'lease'> = defineService({
  name: 'stripe-stand-in',
  start: () => StripeStandIn.start(),
});
