-- in:    caller text, size bigint
-- out:   name text, cosign_key text, note text
-- kind:  reads      lane: short
-- why:   what a cosignature is checked against
SELECT * FROM api.journal_cosign_read($1, $2);
