/// <reference lib="esnext.disposable" />

export { stripeStandIn } from './service.ts';
export { StripeStandIn, type EndpointOptions, type Forgery, type StandInOptions } from './stand-in.ts';
export type { Attempt, Destination, Endpoint } from './deliveries.ts';
