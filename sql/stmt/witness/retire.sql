-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   keys that are not used any more, or not held any more
SELECT * FROM api.witness_retire($1, $2, $3, $4, $5, $6);
