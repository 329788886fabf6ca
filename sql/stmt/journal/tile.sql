-- in:    level int, n bigint, width int
-- out:   body bytea
-- kind:  reads      lane: short
-- why:   hashes of a tile; nothing beyond the newest checkpoint
SELECT * FROM api.journal_tile($1, $2, $3);
