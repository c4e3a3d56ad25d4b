-- Who sends events, and among which events their numbers are unique: a choice that has no default.
CREATE TABLE webhook_source (
  name text PRIMARY KEY,
  uniqueness text NOT NULL CHECK (uniqueness IN ('tenant', 'global')),
  UNIQUE (name, uniqueness)
);
INSERT INTO webhook_source (name, uniqueness) VALUES
  -- One account for all tenants: an event has the same number whichever of them it is delivered for.
  ('payments', 'global'),
  -- An account each, and each counts its own events: 1, 2, 3.
  ('channel', 'tenant');

CREATE TABLE webhook_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant,
  source text NOT NULL,
  uniqueness text NOT NULL,
  event_id text NOT NULL,
  payload jsonb NOT NULL,
  -- No source is one thing here and the other there.
  FOREIGN KEY (source, uniqueness) REFERENCES webhook_source (name, uniqueness)
);
CREATE UNIQUE INDEX webhook_event_of_tenant ON webhook_event (source, tenant_id, event_id) WHERE uniqueness = 'tenant';
CREATE UNIQUE INDEX webhook_event_of_all ON webhook_event (source, event_id) WHERE uniqueness = 'global';
