-- in:    caller text, id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   an order is seen by its parties and by who supervises
SELECT * FROM api.order_get($1, $2);
