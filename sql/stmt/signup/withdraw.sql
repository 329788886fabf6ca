-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   before the deadline only; the sign-up stays in the list as withdrawn
SELECT * FROM api.signup_withdraw($1, $2, $3, $4, $5, $6);
