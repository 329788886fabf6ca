-- Voids of one attempt, signed by the witnesses that could speak; disqualification by two people.

-- again: a next attempt follows, with `replacement` in the place of who stalled, or without.
-- record: void.txt as it was fixed at the confirmation, for witnesses to sign.
ALTER TABLE market.void_request
  ADD COLUMN replacement text COLLATE "C",
  ADD COLUMN again boolean NOT NULL DEFAULT false,
  ADD COLUMN draw_id text COLLATE "C",
  ADD COLUMN attempt int,
  ADD COLUMN record text,
  DROP CONSTRAINT void_request_state,
  ADD CONSTRAINT void_request_state CHECK (state IN ('asked', 'signing', 'confirmed', 'lapsed'));
DROP INDEX market.void_request_open;
CREATE UNIQUE INDEX void_request_open ON market.void_request (project_id, round) WHERE state IN ('asked', 'signing');
CREATE INDEX void_request_of_draw ON market.void_request (draw_id, attempt);

-- Ed25519 over the record, by the key that the witness cosigns with.
CREATE TABLE market.void_signature (
  void_id text COLLATE "C" NOT NULL CONSTRAINT void_signature_of REFERENCES market.void_request,
  name text COLLATE "C" NOT NULL,
  public_key bytea NOT NULL,
  signature bytea NOT NULL CONSTRAINT void_signature_length CHECK (length(signature) = 64),
  at timestamptz NOT NULL,
  CONSTRAINT void_signature_pk PRIMARY KEY (void_id, name));

-- A winner loses its place: an operator says why, a regulator agrees.
CREATE TABLE market.disqualification (
  id text COLLATE "C" CONSTRAINT disqualification_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT disqualification_project REFERENCES market.project,
  round int NOT NULL,
  place int NOT NULL,
  reason text NOT NULL,
  requested_by text COLLATE "C" NOT NULL,
  confirmed_by text COLLATE "C",
  state text NOT NULL CONSTRAINT disqualification_state CHECK (state IN ('asked', 'confirmed', 'lapsed')),
  version bigint NOT NULL DEFAULT 1,
  at timestamptz NOT NULL,
  confirmed_at timestamptz,
  CONSTRAINT disqualification_two_people CHECK (confirmed_by <> requested_by));
CREATE UNIQUE INDEX disqualification_open ON market.disqualification (project_id, round, place) WHERE state = 'asked';
