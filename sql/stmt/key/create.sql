-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb, secret_hash bytea
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   stores the hash of a secret that a step made
SELECT * FROM api.key_create($1, $2, $3, $4, $5, $6, $7);
