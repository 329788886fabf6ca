-- in:    id text, file text
-- out:   name text, entry bytea, index bigint, size bigint, note text
-- kind:  reads      lane: long
-- why:   the journal's entries of a draw's records, and checkpoints that hold them
SELECT * FROM api.draw_proofs($1, $2);
