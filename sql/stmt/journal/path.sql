-- in:    log text, size bigint, leaf bigint
-- out:   level int, n bigint, hashes bytea
-- kind:  reads      lane: short
-- why:   the tiles of a proof, or of the right edge
SELECT * FROM api.journal_path($1, $2, $3);
