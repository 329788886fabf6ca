-- in:    caller text, id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one agency
SELECT * FROM api.agency_get($1, $2);
