-- in:    id text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   accepted bids in sequence, by label until the end
SELECT * FROM api.auction_bids($1, $2, $3);
