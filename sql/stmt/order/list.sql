-- in:    caller text, state text, mode text, year int, agency text, owner text, project text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the same visibility as one order
SELECT * FROM api.order_list($1, $2, $3, $4, $5, $6, $7, $8, $9);
