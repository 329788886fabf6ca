-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   an open objection holds the award back (TR7)
SELECT * FROM api.objection_create($1, $2, $3, $4, $5, $6);
