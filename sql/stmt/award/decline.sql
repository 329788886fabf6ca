-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   a give-up is a credit event; the next in order moves up
SELECT * FROM api.award_decline($1, $2, $3, $4, $5, $6, $7);
