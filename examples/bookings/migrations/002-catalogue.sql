-- A SKU is a tenant's own: two tenants may have the same one, and every key begins with the tenant.
CREATE TABLE item (
  tenant_id uuid NOT NULL REFERENCES tenant,
  sku text NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (tenant_id, sku)
);

CREATE TABLE rate (
  tenant_id uuid NOT NULL,
  sku text NOT NULL,
  season text NOT NULL CHECK (season IN ('low', 'high')),
  cents int NOT NULL CHECK (cents > 0),
  PRIMARY KEY (tenant_id, sku, season),
  FOREIGN KEY (tenant_id, sku) REFERENCES item ON DELETE CASCADE
);
