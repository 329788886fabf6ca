-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the version stops a party confirming a text it did not see
SELECT * FROM api.order_confirm($1, $2, $3, $4, $5, $6);
