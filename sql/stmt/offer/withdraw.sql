-- in:    caller text, need int, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the version stops withdrawing another offer than the one seen
SELECT * FROM api.offer_withdraw($1, $2, $3, $4);
