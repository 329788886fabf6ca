-- in:    caller text, need int, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the version stops revoking another key than the one seen
SELECT * FROM api.key_revoke($1, $2, $3, $4);
