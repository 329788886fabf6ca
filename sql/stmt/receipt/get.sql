-- in:    leaf text
-- out:   kind text, subject text, at text, index bigint, size bigint, note text
-- kind:  reads      lane: short
-- why:   an entry by its leaf, and where the newest checkpoint holds it
SELECT * FROM api.receipt_get($1);
