-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the kinds of agencies with their items and active agencies
SELECT * FROM api.category_list();
