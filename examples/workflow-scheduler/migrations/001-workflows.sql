-- What can be run: a template and its steps, in their order.
CREATE TABLE template (
  name text PRIMARY KEY
);
CREATE TABLE template_step (
  template text NOT NULL REFERENCES template,
  position int NOT NULL CHECK (position > 0),
  action text NOT NULL,
  max_attempts int NOT NULL CHECK (max_attempts > 0),
  PRIMARY KEY (template, position)
);

-- When it is run. A schedule that is paused is never due.
CREATE TABLE schedule (
  name text PRIMARY KEY,
  template text NOT NULL CONSTRAINT schedule_template REFERENCES template,
  every_seconds int NOT NULL CHECK (every_seconds > 0),
  next_run_at timestamptz NOT NULL,
  paused boolean NOT NULL DEFAULT false
);
CREATE INDEX schedule_due ON schedule (next_run_at) WHERE NOT paused;

-- What has been run. Whoever claims a schedule that another has claimed already is stopped here at the latest.
CREATE TABLE run (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  schedule text NOT NULL REFERENCES schedule,
  due_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed')),
  CHECK ((state = 'running') = (finished_at IS NULL)),
  CONSTRAINT run_once UNIQUE (schedule, due_at)
);

-- The steps as they were when the run began. `ready_at` is when a step may be claimed: it has none before its turn and
-- after its end, and while somebody works on it, it is when that one is given up for lost.
CREATE TABLE run_step (
  run uuid NOT NULL REFERENCES run,
  position int NOT NULL,
  action text NOT NULL,
  max_attempts int NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'succeeded', 'failed')),
  attempts int NOT NULL DEFAULT 0,
  ready_at timestamptz,
  error text,
  PRIMARY KEY (run, position)
);
CREATE INDEX run_step_ready ON run_step (ready_at) WHERE ready_at IS NOT NULL;
