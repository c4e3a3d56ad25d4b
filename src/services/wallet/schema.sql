-- The pass of a ticket. It goes with the ticket.
CREATE TABLE wallet_passes (
  id uuid PRIMARY KEY,
  ticket_id uuid NOT NULL REFERENCES tickets ON DELETE CASCADE,
  -- Counts the tokens that it has had; the last one is good.
  version int NOT NULL DEFAULT 1 CHECK (version > 0),
  -- SHA-256 of the token, which itself is with its holder alone.
  token_digest bytea NOT NULL CHECK (octet_length(token_digest) = 32),
  key_id text NOT NULL CHECK (key_id <> ''),
  issued_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  redeemed_at timestamptz,
  revoked_at timestamptz,
  revoked_reason text CHECK (revoked_reason <> ''),
  CHECK (issued_at <= updated_at),
  CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
  CHECK (redeemed_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX wallet_passes_one_per_ticket ON wallet_passes (ticket_id) WHERE revoked_at IS NULL;
CREATE INDEX ON wallet_passes (ticket_id);
