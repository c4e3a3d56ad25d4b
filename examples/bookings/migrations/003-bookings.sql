-- uuid and text beside a range in one constraint.
CREATE EXTENSION btree_gist;

CREATE TABLE booking (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  sku text NOT NULL,
  period daterange NOT NULL CHECK (NOT isempty(period)),
  guest text NOT NULL,
  paid_cents int NOT NULL DEFAULT 0,
  cancelled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, sku) REFERENCES item,
  CONSTRAINT booking_no_overlap
    EXCLUDE USING gist (tenant_id WITH =, sku WITH =, period WITH &&) WHERE (cancelled_at IS NULL)
);
