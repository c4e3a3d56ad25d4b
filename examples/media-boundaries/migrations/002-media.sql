-- What a file is called is for people; where it lies is said by its id alone.
CREATE TABLE media (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL REFERENCES account,
  name text NOT NULL CHECK (name <> ''),
  type text NOT NULL,
  bytes bigint NOT NULL CHECK (bytes > 0),
  CONSTRAINT media_name_once UNIQUE (owner_id, name)
);

-- What other services are told, in the order in which it happened. It outlives what it is about.
CREATE TABLE event (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('media-added', 'media-removed')),
  owner_id uuid NOT NULL REFERENCES account,
  media_id uuid NOT NULL
);
