-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one offer
SELECT * FROM api.offer_get($1);
