-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   delivery starts the time of acceptance
SELECT * FROM api.order_deliver($1, $2, $3, $4, $5, $6);
