-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   regions
SELECT * FROM api.region_list();
