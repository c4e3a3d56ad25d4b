-- What events say about forms, as it is asked for. Written with the event, in one transaction.
CREATE TABLE form (
  id uuid PRIMARY KEY,
  title text NOT NULL CHECK (title <> ''),
  owner text NOT NULL CHECK (owner LIKE '%_@_%'),
  questions text[] NOT NULL CHECK (cardinality(questions) > 0),
  created uuid NOT NULL UNIQUE REFERENCES event (id)
);
CREATE TABLE submission (
  id uuid PRIMARY KEY,
  form uuid NOT NULL REFERENCES form (id),
  answers jsonb NOT NULL,
  submitted uuid NOT NULL UNIQUE REFERENCES event (id)
);
CREATE INDEX submission_form ON submission (form);
