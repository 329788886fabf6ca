-- in:    limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   who watches this market
SELECT * FROM api.witness_list($1, $2);
