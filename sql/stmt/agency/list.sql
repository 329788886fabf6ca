-- in:    caller text, search text, category text, region text, state text, pending boolean, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   search of agencies
SELECT * FROM api.agency_list($1, $2, $3, $4, $5, $6, $7, $8);
