-- in:    caller text, need int, idem text, hash bytea, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   draft to review (TR1)
SELECT * FROM api.project_submit($1, $2, $3, $4, $5);
