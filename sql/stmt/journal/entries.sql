-- in:    subject text, after bigint, cursor text, limit int
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the change feed, and what is written about one subject
SELECT * FROM api.journal_entries($1, $2, $3, $4);
