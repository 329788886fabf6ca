-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   a commitment is bound to one round and never used again
SELECT * FROM api.project_commit($1, $2, $3, $4, $5, $6, $7);
