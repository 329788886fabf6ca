-- in:    log text, sizes bigint[], leaves bigint[]
-- out:   level int, n bigint, hashes bytea
-- kind:  reads      lane: long
-- why:   the tiles of many proofs at once
SELECT * FROM api.journal_paths($1, $2, $3);
