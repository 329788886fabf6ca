-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   labels only, until the end
SELECT * FROM api.auction_get($1);
