-- The journal as a log (docs/JOURNAL.md): which entry of the outbox has which index, the tree over
-- them, and what was signed of it.

-- One row a log.  size and root: of all that has an index; signed: size of the newest checkpoint.
-- holder sequences until lease_until; then another may.
CREATE TABLE market.log_head (
  log text CONSTRAINT log_head_pk PRIMARY KEY,
  size bigint NOT NULL DEFAULT 0,
  root bytea NOT NULL DEFAULT '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  signed bigint NOT NULL DEFAULT 0,
  holder text COLLATE "C",
  lease_until timestamptz NOT NULL DEFAULT '-infinity',
  CONSTRAINT log_head_signed CHECK (signed BETWEEN 0 AND size));
INSERT INTO market.log_head (log) VALUES ('journal');

-- The entries that have no index yet.  A transaction that commits late leaves its row here, however
-- far its neighbours have come: no high-water mark can lose it.
CREATE TABLE market.log_waiting (
  log text NOT NULL,
  outbox_id bigint NOT NULL,
  CONSTRAINT log_waiting_pk PRIMARY KEY (log, outbox_id))
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
INSERT INTO market.log_waiting SELECT o.log, o.id FROM market.outbox o;

-- Index after index without a gap, never from a sequence.
CREATE TABLE market.log_entry (
  log text NOT NULL,
  index bigint NOT NULL,
  outbox_id bigint NOT NULL CONSTRAINT log_entry_once UNIQUE,
  CONSTRAINT log_entry_pk PRIMARY KEY (log, index));

-- Full tiles: 256 hashes side by side, and the root over them, which is a hash one level up.  What
-- is not full is made of level 0's leaves, or of the roots below.
CREATE TABLE market.log_tile (
  log text NOT NULL,
  level int NOT NULL,
  n bigint NOT NULL,
  hashes bytea NOT NULL CONSTRAINT log_tile_width CHECK (length(hashes) = 8192),
  root bytea NOT NULL CONSTRAINT log_tile_root CHECK (length(root) = 32),
  CONSTRAINT log_tile_pk PRIMARY KEY (log, level, n));
ALTER TABLE market.log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL; -- hashes do not compress

-- note: the checkpoint as signed by the log's key.
CREATE TABLE market.log_checkpoint (
  log text NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT log_checkpoint_pk PRIMARY KEY (log, size));

-- What witnesses say of a checkpoint (C2SP tlog-cosignature).
CREATE TABLE market.log_cosignature (
  log text NOT NULL,
  size bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  line text NOT NULL,
  signed_at timestamptz NOT NULL, -- by the witness's clock
  recorded_at timestamptz NOT NULL,
  CONSTRAINT log_cosignature_pk PRIMARY KEY (log, size, name),
  CONSTRAINT log_cosignature_of FOREIGN KEY (log, size) REFERENCES market.log_checkpoint);

CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.log_entry
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER log_tile_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.log_tile
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER log_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.log_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER log_cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.log_cosignature
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
