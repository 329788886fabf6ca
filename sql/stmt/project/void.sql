-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the first person of a void (TR12)
SELECT * FROM api.project_void($1, $2, $3, $4, $5, $6);
