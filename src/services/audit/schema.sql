-- In a schema of its own: whoever owns a database could drop what lies in its `public`.
CREATE SCHEMA audit;

CREATE TABLE audit.entries (
  -- Sequence, recorded_at, previous and hash are set by the trigger, whatever an INSERT says of them.
  sequence bigint PRIMARY KEY,
  type text NOT NULL CHECK (type IN ('payment', 'ticket', 'registration', 'gdpr', 'wallet', 'security', 'system')),
  action text NOT NULL CHECK (action ~ '^[a-z][a-z0-9_]*$'),
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  -- Of the transaction.
  reference text CHECK (reference <> ''),
  -- A pseudonym: what it stands for is in tables from which it can be erased.
  subject_id uuid,
  actor text CHECK (actor <> ''),
  -- Names of columns, never their values.
  fields text[] NOT NULL DEFAULT '{}' CHECK (array_position(fields, NULL) IS NULL),
  data jsonb NOT NULL DEFAULT '{}'
    CHECK (jsonb_typeof(data) = 'object' AND NOT data @? 'strict $.* ? (@.type() == "object" || @.type() == "array")'),
  request_id text NOT NULL CHECK (request_id <> ''),
  correlation_id text CHECK (correlation_id <> ''),
  -- Why the entry was filled in afterwards; null where it was written when it happened.
  synthetic_reason text CHECK (synthetic_reason <> ''),
  at timestamptz NOT NULL CHECK (at >= '1970-01-01Z' AND at < '10000-01-01Z'),
  recorded_at timestamptz NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL
);
CREATE INDEX ON audit.entries (reference, sequence) WHERE reference IS NOT NULL;
CREATE INDEX ON audit.entries (subject_id, sequence) WHERE subject_id IS NOT NULL;
CREATE INDEX ON audit.entries (action, sequence);
CREATE INDEX ON audit.entries (type, sequence);
CREATE INDEX ON audit.entries (at);

-- The head of the chain, by which a tail that was cut off is missed. One row, which writers lock until they commit.
CREATE TABLE audit.chain (
  is_single boolean PRIMARY KEY DEFAULT true CHECK (is_single),
  sequence bigint NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO audit.chain (sequence, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Of all columns but the hash itself, in a form that depends on no setting of the session nor on the server's encoding.
CREATE FUNCTION audit.digest(entry audit.entries) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(jsonb_build_array(
  entry.sequence, entry.type, entry.action, entry.severity, entry.reference, entry.subject_id, entry.actor,
  to_jsonb(entry.fields), entry.data, entry.request_id, entry.correlation_id, entry.synthetic_reason,
  entry.at AT TIME ZONE 'UTC', entry.recorded_at AT TIME ZONE 'UTC', encode(entry.previous, 'hex')
)::text, 'UTF8'));

-- An entry follows on the head, or on what the same statement has written already.
CREATE FUNCTION audit.link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE last record;
BEGIN
  SELECT chain.sequence, chain.hash INTO NEW.sequence, NEW.previous FROM audit.chain FOR UPDATE;
  SELECT e.sequence, e.hash INTO last FROM audit.entries e WHERE e.sequence > NEW.sequence ORDER BY e.sequence DESC LIMIT 1;
  IF FOUND THEN
    NEW.sequence := last.sequence;
    NEW.previous := last.hash;
  END IF;
  NEW.sequence := NEW.sequence + 1;
  NEW.recorded_at := clock_timestamp();
  NEW.hash := audit.digest(NEW);
  RETURN NEW;
END $$;

-- Once for each statement: a transaction must look through all versions of a row that it has written.
CREATE FUNCTION audit.move_head() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE audit.chain SET sequence = last.sequence, hash = last.hash
  FROM (SELECT e.sequence, e.hash FROM audit.entries e ORDER BY e.sequence DESC LIMIT 1) last
  WHERE last.sequence > chain.sequence;
  RETURN NULL;
END $$;

CREATE FUNCTION audit.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = format('%s on audit.%s: the audit log is append-only', TG_OP, TG_TABLE_NAME);
END $$;

CREATE TRIGGER link BEFORE INSERT ON audit.entries FOR EACH ROW EXECUTE FUNCTION audit.link();
CREATE TRIGGER move_head AFTER INSERT ON audit.entries FOR EACH STATEMENT EXECUTE FUNCTION audit.move_head();
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
-- The head is moved by the triggers on the entries alone.
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON audit.chain
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit.refuse();

GRANT USAGE ON SCHEMA audit TO PUBLIC;
GRANT SELECT, INSERT ON audit.entries TO PUBLIC;
GRANT SELECT ON audit.chain TO PUBLIC;

-- Owners may do as they like, so nobody whom tests connect as is one: all of it belongs to the bootstrap superuser, whose
-- number is 10 on every server (src/include/catalog/pg_authid.dat). Where we may not give it away, the triggers are alone.
DO $$
DECLARE bootstrap name := (SELECT rolname FROM pg_roles WHERE oid = 10);
BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('ALTER SCHEMA audit OWNER TO %I', bootstrap);
    EXECUTE format('ALTER TABLE audit.entries OWNER TO %I', bootstrap);
    EXECUTE format('ALTER TABLE audit.chain OWNER TO %I', bootstrap);
    EXECUTE format('ALTER FUNCTION audit.digest(audit.entries) OWNER TO %I', bootstrap);
    EXECUTE format('ALTER FUNCTION audit.link() OWNER TO %I', bootstrap);
    EXECUTE format('ALTER FUNCTION audit.move_head() OWNER TO %I', bootstrap);
    EXECUTE format('ALTER FUNCTION audit.refuse() OWNER TO %I', bootstrap);
  END IF;
END $$;
