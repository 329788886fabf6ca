-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   acceptance makes the contract's amount payable
SELECT * FROM api.order_accept($1, $2, $3, $4, $5, $6);
