-- Every event that Stripe has delivered, once. No payload is kept, which may name people: only what it asks for.
CREATE TABLE stripe_inbox (
  -- Within which an event's id is unique: a tenant, or 'global'.
  scope text NOT NULL CHECK (scope <> ''),
  event_id text NOT NULL CHECK (event_id LIKE 'evt\_%'),
  -- Whose endpoint it was delivered to; null where the endpoint is everybody's.
  tenant_id uuid REFERENCES tenants,
  type text NOT NULL CHECK (type <> ''),
  -- By Stripe's clock, which has whole seconds.
  created_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  -- What it asks for, as movement.ts has it; null where it asks for nothing.
  movement jsonb,
  state text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'processed', 'refused', 'ignored')),
  reason text,
  -- Of the transaction, once that is known.
  reference text,
  PRIMARY KEY (scope, event_id),
  CHECK (scope = 'global' OR scope = tenant_id::text),
  CHECK ((state = 'ignored') = (movement IS NULL)),
  CHECK (state <> 'refused' OR reason IS NOT NULL)
);
CREATE INDEX ON stripe_inbox (created_at, event_id);
-- What waits is found by what it waits for.
CREATE INDEX ON stripe_inbox ((movement ->> 'paymentIntent')) WHERE state = 'parked';
CREATE INDEX ON stripe_inbox ((movement ->> 'session')) WHERE state = 'parked';
CREATE INDEX ON stripe_inbox ((movement ->> 'reference')) WHERE state = 'parked';
