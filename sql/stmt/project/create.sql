-- in:    caller text, need int, idem text, hash bytea, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   a draft is checked whole, so that no later step meets a price that cannot be
SELECT * FROM api.project_create($1, $2, $3, $4, $5);
