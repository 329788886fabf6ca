-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   declared payments add up to at most the contract
SELECT * FROM api.order_pay($1, $2, $3, $4, $5, $6);
