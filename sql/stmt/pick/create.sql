-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   limits of owner and agency are judged under locks
SELECT * FROM api.pick_create($1, $2, $3, $4, $5, $6);
