/** The database in which a server keeps the registry of its leases: apart from those that tests see. */
export const registryDatabase = 'mayfly';

/**
 * The registry's schema, with the version of its format: another version has another schema beside it, so that two
 * versions of Mayfly can use one server.
 */
export const registrySchema = `
BEGIN;
SELECT pg_advisory_xact_lock(hashtext('mayfly_1'));
CREATE SCHEMA IF NOT EXISTS mayfly_1;
-- Here, where one waits for the other: two that change one database's privileges at the same time are refused.
REVOKE ALL ON DATABASE mayfly FROM PUBLIC;

-- For each run the process that keeps databases ready, known by a connection that it keeps open.
CREATE TABLE IF NOT EXISTS mayfly_1.keeper (
  session text PRIMARY KEY,
  backend text NOT NULL
);

CREATE TABLE IF NOT EXISTS mayfly_1.template (
  template text PRIMARY KEY,
  -- The session that it goes with, or null where other runs may use it too.
  session text,
  -- What a copy holds at first, or null as long as the template is not complete.
  baseline jsonb,
  since timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS mayfly_1.database (
  database text PRIMARY KEY,
  session text NOT NULL,
  template text NOT NULL,
  password text NOT NULL,
  -- How many connections it may have.
  connections int NOT NULL,
  state text NOT NULL CHECK (state IN ('making', 'ready', 'taken', 'returned', 'dropping', 'kept')),
  -- Who makes, holds or drops it, known by a connection that is kept open.
  backend text,
  -- What its settings were, and when counting began, when it was last known to equal a fresh copy.
  proof jsonb,
  name text,
  worker text,
  file text,
  since timestamptz NOT NULL DEFAULT now()
);
CREATE SEQUENCE IF NOT EXISTS mayfly_1.number;

-- Connections that were refused, and who held the others.
CREATE TABLE IF NOT EXISTS mayfly_1.refusal (
  number bigint PRIMARY KEY DEFAULT nextval('mayfly_1.number'),
  session text NOT NULL,
  refused text NOT NULL,
  holders text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

-- A connection as it is written down: no later one has the same number and the same beginning.
CREATE OR REPLACE FUNCTION mayfly_1.me() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pid || '/' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid()
$$;

CREATE OR REPLACE FUNCTION mayfly_1.alive() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT pid || '/' || extract(epoch FROM backend_start) FROM pg_stat_activity WHERE backend_type = 'client backend'
$$;

-- Takes a database that is ready: one that this process had before, to which it may still have connections, or else the
-- one used last.
CREATE OR REPLACE FUNCTION mayfly_1.take(
  wanted_session text, wanted_template text, me text, new_name text, new_worker text, new_file text
) RETURNS SETOF mayfly_1.database LANGUAGE sql AS $$
  UPDATE mayfly_1.database
  SET state = 'taken', backend = me, name = new_name, worker = new_worker, file = new_file, since = now()
  WHERE database = (
    SELECT database FROM mayfly_1.database
    WHERE state = 'ready' AND session = wanted_session AND template = wanted_template
    ORDER BY (backend = me) DESC NULLS LAST, since DESC
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  )
  RETURNING *
$$;

-- Reserves connections for a new database, or returns nothing where there are not enough. Where other runs have
-- databases that nobody uses, these make room.
CREATE OR REPLACE FUNCTION mayfly_1.reserve(
  new_session text, new_template text, new_password text, new_connections int, capacity int, me text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  reserved text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('mayfly_1.reserve'));
  WHILE capacity < new_connections + (
    SELECT coalesce(sum(connections), 0) FROM mayfly_1.database WHERE state IN ('making', 'ready', 'taken')
  ) LOOP
    UPDATE mayfly_1.database SET state = 'returned'
      WHERE database = (
        SELECT database FROM mayfly_1.database
        WHERE state = 'ready' AND (session <> new_session OR template <> new_template)
        ORDER BY since
        LIMIT 1
        FOR UPDATE SKIP LOCKED
      );
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  END LOOP;
  reserved := 'mayfly_' || new_session || '_' || nextval('mayfly_1.number');
  INSERT INTO mayfly_1.database (database, session, template, password, connections, state, backend)
    VALUES (reserved, new_session, new_template, new_password, new_connections, 'making', me);
  RETURN reserved;
END
$$;

-- Makes the caller the one that keeps databases ready for a run, unless another does.
CREATE OR REPLACE FUNCTION mayfly_1.keep(wanted_session text, me text) RETURNS boolean LANGUAGE sql AS $$
  INSERT INTO mayfly_1.keeper AS old VALUES (wanted_session, me)
  ON CONFLICT (session) DO UPDATE SET backend = me WHERE old.backend NOT IN (SELECT mayfly_1.alive())
  RETURNING true
$$;

-- Gives up what its holder can no longer give back, and what is kept ready for a run that nobody keeps any longer.
CREATE OR REPLACE FUNCTION mayfly_1.reclaim() RETURNS SETOF mayfly_1.database LANGUAGE sql AS $$
  UPDATE mayfly_1.database SET state = 'returned'
  WHERE (state IN ('making', 'taken', 'dropping') AND backend NOT IN (SELECT mayfly_1.alive()))
     OR (state = 'ready' AND since < now() - interval '60 s' AND session NOT IN (
          SELECT session FROM mayfly_1.keeper WHERE backend IN (SELECT mayfly_1.alive())))
  RETURNING *
$$;
COMMIT;
`;
