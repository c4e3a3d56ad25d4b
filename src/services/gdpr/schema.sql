-- What is done with whose data, and by what right (GDPR, Art. 30).
CREATE TABLE processing_records (
  id uuid PRIMARY KEY,
  -- Null where the person has been made anonymous.
  subject_id uuid,
  category text NOT NULL CHECK (category IN ('personal_identification', 'contact_information', 'payment_information',
    'dietary_restrictions', 'emergency_contacts', 'marketing_preferences')),
  activity text NOT NULL CHECK (activity <> ''),
  purpose text NOT NULL CHECK (purpose <> ''),
  legal_basis text NOT NULL CHECK (legal_basis IN ('consent', 'contract', 'legal_obligation', 'vital_interests',
    'public_task', 'legitimate_interests')),
  -- Names of columns, never their values.
  fields text[] NOT NULL CHECK (cardinality(fields) > 0),
  -- An ISO 8601 duration, as it was given, and the end of it.
  retention text NOT NULL,
  retained_until timestamptz NOT NULL,
  third_parties text[] NOT NULL DEFAULT '{}',
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CHECK (retained_until > recorded_at)
);
CREATE INDEX ON processing_records (subject_id);

-- What people asked for (Art. 15 to 21). Their pseudonym stays: it proves that they were answered, and once it is
-- erased elsewhere it leads to nobody.
CREATE TABLE data_requests (
  id uuid PRIMARY KEY,
  subject_id uuid NOT NULL,
  type text NOT NULL CHECK (type IN ('access', 'rectification', 'erasure', 'portability', 'restriction', 'objection')),
  status text NOT NULL CHECK (status IN ('completed', 'partially_completed', 'manual_review', 'rejected')),
  -- Of an erasure: what became anonymous, and what the law keeps.
  erased jsonb NOT NULL DEFAULT '[]',
  retained jsonb NOT NULL DEFAULT '[]',
  requested_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  CHECK ((completed_at IS NULL) = (status = 'manual_review')),
  CHECK ((retained = '[]') = (status <> 'partially_completed'))
);
CREATE INDEX ON data_requests (subject_id, requested_at);
