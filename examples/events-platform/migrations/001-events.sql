CREATE TABLE event (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  aggregate text NOT NULL CHECK (aggregate ~ '^[a-z]+:[A-Za-z0-9-]+$'),
  sequence int NOT NULL CHECK (sequence > 0),
  type text NOT NULL CHECK (type ~ '^[a-z]+(\.[a-z]+)+$'),
  payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
  refers_to uuid CONSTRAINT event_refers_to REFERENCES event (id),
  at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT event_sequence UNIQUE (aggregate, sequence)
);
CREATE INDEX event_type ON event (type, position);
