-- in:    caller text, need int, idem text, hash bytea, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   registers the caller's organisation
SELECT * FROM api.agency_register($1, $2, $3, $4, $5);
