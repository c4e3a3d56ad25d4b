CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text NOT NULL CHECK (name <> '')
);

CREATE TABLE events (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants,
  name text NOT NULL CHECK (name <> ''),
  starts_at timestamptz NOT NULL,
  capacity int NOT NULL CHECK (capacity > 0)
);
CREATE INDEX ON events (tenant_id, starts_at);

CREATE TABLE transactions (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants,
  -- By which people and other systems know it.
  reference text NOT NULL UNIQUE CHECK (reference <> ''),
  stripe_session text UNIQUE,
  payment_intent text UNIQUE,
  amount bigint NOT NULL CHECK (amount >= 0),
  fees bigint NOT NULL DEFAULT 0 CHECK (fees BETWEEN 0 AND amount),
  refunded bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  status text NOT NULL CHECK (status IN ('pending', 'authorized', 'completed', 'failed', 'refunded')),
  -- Of the person who pays, as the GDPR service knows them; null where the person has been made anonymous.
  subject_id uuid,
  email text,
  created_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  CHECK (stripe_session IS NOT NULL OR payment_intent IS NOT NULL),
  CHECK (status <> 'refunded' OR refunded > 0)
);
CREATE INDEX ON transactions (created_at, id);
CREATE INDEX ON transactions (subject_id);

CREATE TABLE tickets (
  id uuid PRIMARY KEY,
  event_id uuid NOT NULL REFERENCES events,
  transaction_id uuid NOT NULL REFERENCES transactions,
  number text NOT NULL UNIQUE CHECK (number <> ''),
  status text NOT NULL DEFAULT 'issued' CHECK (status IN ('issued', 'validated', 'cancelled')),
  price bigint NOT NULL CHECK (price >= 0)
);
CREATE INDEX ON tickets (transaction_id);
CREATE INDEX ON tickets (event_id);

CREATE TABLE registrations (
  id uuid PRIMARY KEY,
  ticket_id uuid NOT NULL UNIQUE REFERENCES tickets,
  subject_id uuid,
  name text,
  email text,
  dietary_restrictions text,
  registered_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON registrations (subject_id);
