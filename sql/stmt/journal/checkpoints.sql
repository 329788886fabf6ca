-- in:    after bigint, cursor text, limit int
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   which entries were public together
SELECT * FROM api.journal_checkpoints($1, $2, $3);
