CREATE TABLE booking (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  seat int NOT NULL UNIQUE REFERENCES seat (number),
  at timestamptz NOT NULL DEFAULT now()
);
