-- in:    n bigint, width int
-- out:   body bytea
-- kind:  reads      lane: short
-- why:   entries below a tile, byte for byte
SELECT * FROM api.journal_bundle($1, $2);
