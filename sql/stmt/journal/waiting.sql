-- in:    log text, limit int
-- out:   count bigint, ids text, leaves bytea
-- kind:  reads      lane: short
-- why:   the next batch
SELECT * FROM api.journal_waiting($1, $2);
