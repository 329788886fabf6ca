-- in:    name text
-- out:   size bigint, note text, cosigned bigint
-- kind:  reads      lane: short
-- why:   the newest checkpoint for a foreign witness, and what it cosigned last
SELECT * FROM api.journal_cosign_due($1);
