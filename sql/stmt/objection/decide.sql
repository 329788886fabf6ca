-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   upheld, the next in order moves up; dismissed, the award goes on
SELECT * FROM api.objection_decide($1, $2, $3, $4, $5, $6, $7);
