-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one item, newest or by version
SELECT * FROM api.item_get($1);
