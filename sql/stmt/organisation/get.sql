-- in:    caller text, id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one organisation
SELECT * FROM api.organisation_get($1, $2);
