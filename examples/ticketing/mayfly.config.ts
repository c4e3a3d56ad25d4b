import { defineEnvironment } from 'mayfly';
import { audit, database, financial, gdpr, stripe, wallet } from 'mayfly/services';
import { stripeStandIn } from 'mayfly/testkit/stripe-stand-in';

export default defineEnvironment({
  redis: false,
  services: [database, audit, gdpr, financial, wallet, stripe, stripeStandIn],
});
