-- in:    caller text, id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   accounts, transfers and payments of one order
SELECT * FROM api.order_statement($1, $2);
