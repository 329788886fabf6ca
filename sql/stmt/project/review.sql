-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the version stops two reviewers approving different texts (TR2)
SELECT * FROM api.project_review($1, $2, $3, $4, $5, $6, $7);
