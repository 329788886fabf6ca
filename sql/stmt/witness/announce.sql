-- in:    caller text, need int, idem text, hash bytea, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the keys of a witness, after a step found that it holds them
SELECT * FROM api.witness_announce($1, $2, $3, $4, $5);
