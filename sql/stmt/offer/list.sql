-- in:    item text, category text, agency text, region text, price_min_fen bigint, price_max_fen bigint,
--        sort text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   filter and order of offers
SELECT * FROM api.offer_list($1, $2, $3, $4, $5, $6, $7, $8, $9);
