-- One row for each pair of keys that a witness announced.  A name belongs to one organisation for
-- ever; each has at most one live pair, so that one organisation is one witness in a draw.
CREATE TABLE market.witness (
  vrf_key bytea CONSTRAINT witness_pk PRIMARY KEY
    CONSTRAINT witness_vrf_key REFERENCES market.draw_key,
  cosign_key bytea NOT NULL CONSTRAINT witness_cosign_key UNIQUE
    CONSTRAINT witness_cosign_key_form CHECK (length(cosign_key) = 32),
  name text COLLATE "C" NOT NULL CONSTRAINT witness_name
    CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' AND name NOT IN ('operator', 'owner')),
  organisation_id text COLLATE "C" NOT NULL CONSTRAINT witness_organisation REFERENCES market.organisation,
  url text,
  version bigint NOT NULL DEFAULT 1,
  announced_at timestamptz NOT NULL,
  retired_at timestamptz,
  retire_reason text);
CREATE UNIQUE INDEX witness_one_of_name ON market.witness (name) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX witness_one_of_organisation ON market.witness (organisation_id) WHERE retired_at IS NULL;

-- Values 1 and 2 are the operator's and the owner's, of every draw.
CREATE INDEX contribution_of_witness ON market.contribution (name) WHERE index > 2;
