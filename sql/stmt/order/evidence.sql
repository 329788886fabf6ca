-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the last fen evidenced makes the order paid
SELECT * FROM api.order_evidence($1, $2, $3, $4, $5, $6);
