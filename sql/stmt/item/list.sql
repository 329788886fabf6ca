-- in:    search text, category text, mode text, qualification text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   search of the catalogue
SELECT * FROM api.item_list($1, $2, $3, $4, $5, $6);
