-- in:    caller text, after bigint, event text, fund text, project text, order text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   transfers by index, up to the cut below which nothing appears later
SELECT * FROM api.ledger_entries($1, $2, $3, $4, $5, $6, $7, $8);
