CREATE TABLE ticket (
  seat int PRIMARY KEY,
  sold_at timestamptz NOT NULL DEFAULT now()
);
