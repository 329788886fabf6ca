-- Schema market: the tables.  Nobody but fairlot_owner has rights on them; everything goes
-- through the functions of schema api.  Ids are text collate "C".
CREATE SCHEMA market;

CREATE TABLE market.organisation (
  id text COLLATE "C" CONSTRAINT organisation_pk PRIMARY KEY,
  kind text NOT NULL CONSTRAINT organisation_kind
    CHECK (kind IN ('owner', 'agency', 'operator', 'regulator', 'auditor', 'witness')),
  name text NOT NULL,
  credit_code text COLLATE "C" NOT NULL CONSTRAINT organisation_credit_code UNIQUE,
  credit_code_override text,
  region text COLLATE "C",
  synthetic boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  registered_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL);

CREATE TABLE market.person (
  id text COLLATE "C" CONSTRAINT person_pk PRIMARY KEY,
  organisation_id text COLLATE "C" NOT NULL CONSTRAINT person_organisation REFERENCES market.organisation,
  name text NOT NULL,
  roles int NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  registered_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL);
CREATE INDEX person_by_organisation ON market.person (organisation_id);

-- secret_hash: SHA-256 of the whole key text.  The secret itself is never kept.
CREATE TABLE market.api_key (
  id text COLLATE "C" CONSTRAINT api_key_pk PRIMARY KEY,
  user_id text COLLATE "C" NOT NULL CONSTRAINT api_key_user REFERENCES market.person,
  organisation_id text COLLATE "C" NOT NULL,
  roles int NOT NULL,
  label text NOT NULL,
  secret_hash bytea NOT NULL CONSTRAINT api_key_secret UNIQUE,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz);
CREATE INDEX api_key_by_user ON market.api_key (user_id);

-- One row per (principal, key); status null while the first call runs.  Kept 72 h.
CREATE TABLE market.idempotency (
  principal text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  hash bytea NOT NULL,
  status int, version bigint, body text,
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotency_pk PRIMARY KEY (principal, key));
CREATE INDEX idempotency_by_age ON market.idempotency (created_at);

-- Entries of the journal in their final bytes; sequenced in order of id.
CREATE TABLE market.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pk PRIMARY KEY,
  log text NOT NULL,
  kind text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  entry bytea NOT NULL CONSTRAINT outbox_entry_length CHECK (length(entry) <= 65535),
  leaf bytea NOT NULL,
  recorded_at timestamptz NOT NULL);

-- Timers: an index of the times that stand in the objects themselves.
CREATE TABLE market.job (
  kind text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  due_at timestamptz NOT NULL,
  attempt int NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  last_error text,
  CONSTRAINT job_pk PRIMARY KEY (kind, subject));
CREATE INDEX job_by_due ON market.job (due_at);
