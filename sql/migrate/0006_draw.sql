-- The draw with witnesses, beacons, further attempts, weights and strata.

-- witness_id: the organisation that speaks with this key; null for the operator's.
ALTER TABLE market.draw_key
  ADD COLUMN witness_id text COLLATE "C" CONSTRAINT draw_key_witness REFERENCES market.organisation,
  ADD CONSTRAINT draw_key_name CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' AND name <> 'owner');
CREATE UNIQUE INDEX draw_key_in_force ON market.draw_key (name) WHERE retired_at IS NULL;

-- How the round's draw is made.  witnesses: names of announced keys, in the order they speak.
-- beacon: speaks last.  quotas: [{"stratum", "winners"}], the stratum being the agency's region or
-- the first of its categories.
ALTER TABLE market.project
  ADD COLUMN witnesses text[] NOT NULL DEFAULT '{}',
  ADD COLUMN beacon text CONSTRAINT project_beacon CHECK (beacon IN ('drand', 'nist')),
  ADD COLUMN method text NOT NULL DEFAULT 'fisher-yates'
    CONSTRAINT project_method CHECK (method IN ('fisher-yates', 'weighted')),
  ADD COLUMN stratum text CONSTRAINT project_stratum CHECK (stratum IN ('region', 'category')),
  ADD COLUMN quotas jsonb NOT NULL DEFAULT '[]';

-- An attempt after a void is requested until its owner has given a new commitment.  witnesses and
-- beacon are this attempt's.  previous: SHA-256 of the void of the attempt before.  lists_of: the
-- attempt whose lists this one keeps.  stalled: who let a time pass; it stays when it spoke later.
ALTER TABLE market.draw
  ALTER COLUMN commitment DROP NOT NULL,
  ADD CONSTRAINT draw_committed CHECK (commitment IS NOT NULL OR state IN ('requested', 'void')),
  ADD COLUMN witnesses text[] NOT NULL DEFAULT '{}',
  ADD COLUMN beacon text CONSTRAINT draw_beacon CHECK (beacon IN ('drand', 'nist')),
  ADD COLUMN previous bytea,
  ADD COLUMN lists_of int,
  ADD COLUMN stalled text COLLATE "C";
CREATE UNIQUE INDEX draw_commitment ON market.draw (commitment) WHERE commitment IS NOT NULL; -- never used twice

-- round: of a beacon.  proof: what was given, where the value is not it: a VRF proof, a signature.
ALTER TABLE market.contribution ADD COLUMN round bigint;
