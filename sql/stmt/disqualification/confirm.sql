-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the second person; the next in order moves up
SELECT * FROM api.disqualification_confirm($1, $2, $3, $4, $5, $6);
