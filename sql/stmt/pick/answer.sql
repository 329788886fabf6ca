-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the picked agency takes it or not, in time
SELECT * FROM api.pick_answer($1, $2, $3, $4, $5, $6, $7);
