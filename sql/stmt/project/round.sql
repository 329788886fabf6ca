-- in:    caller text, need int, idem text, hash bytea, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   what failed or was voided stays; the next round is a draft of its own
SELECT * FROM api.project_round($1, $2, $3, $4, $5);
