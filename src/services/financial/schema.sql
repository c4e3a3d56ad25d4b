-- The same as in state-machine.ts: whoever writes past the service is refused as well.
CREATE FUNCTION refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a % transaction cannot become %', OLD.status, NEW.status
    USING ERRCODE = 'check_violation', TABLE = 'transactions', COLUMN = 'status', CONSTRAINT = 'transactions_transition';
END $$;

CREATE TRIGGER transactions_transition BEFORE UPDATE OF status ON transactions FOR EACH ROW
  WHEN (OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (
    ('pending', 'authorized'), ('pending', 'failed'),
    ('authorized', 'completed'), ('authorized', 'failed'),
    ('completed', 'refunded')))
  EXECUTE FUNCTION refuse_transition();

ALTER TABLE transactions
  ADD CONSTRAINT transactions_refunded_whole CHECK (status <> 'refunded' OR refunded = amount),
  ADD CONSTRAINT transactions_refunded_once_paid CHECK (refunded = 0 OR status IN ('completed', 'refunded'));

-- What happened to a transaction, in the order in which it did. It goes with the transaction.
CREATE TABLE financial_events (
  id uuid PRIMARY KEY,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  reference text NOT NULL REFERENCES transactions (reference) ON DELETE CASCADE,
  action text NOT NULL CHECK (action <> ''),
  -- By which the sender knows it; the same one counts once.
  event_id text CHECK (event_id <> ''),
  status_before text,
  status_after text NOT NULL,
  amount bigint NOT NULL CHECK (amount >= 0),
  at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ON financial_events (reference, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX ON financial_events (reference) WHERE action = 'payment_reconciled';
CREATE INDEX ON financial_events (reference, sequence);

CREATE TABLE reconciliations (
  id uuid PRIMARY KEY,
  tenant_id uuid REFERENCES tenants,
  period_from timestamptz NOT NULL,
  period_to timestamptz NOT NULL,
  matched int NOT NULL CHECK (matched >= 0),
  unmatched_provider int NOT NULL CHECK (unmatched_provider >= 0),
  unmatched_database int NOT NULL CHECK (unmatched_database >= 0),
  mismatched int NOT NULL CHECK (mismatched >= 0),
  status text NOT NULL,
  created_at timestamptz NOT NULL,
  CHECK (period_from < period_to),
  CHECK (status = CASE WHEN unmatched_provider + unmatched_database + mismatched = 0 THEN 'balanced' ELSE 'discrepant' END)
);
CREATE INDEX ON reconciliations (period_from, period_to);

CREATE TABLE reconciliation_totals (
  reconciliation_id uuid NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  provider bigint NOT NULL CHECK (provider >= 0),
  database bigint NOT NULL CHECK (database >= 0),
  -- A cent may be lost to rounding by those who count in other units.
  discrepancy bigint NOT NULL CHECK (abs(discrepancy - (provider - database)) <= 1),
  PRIMARY KEY (reconciliation_id, currency)
);
