-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the filed contract is held against award and budget under the order's lock
SELECT * FROM api.order_contract($1, $2, $3, $4, $5, $6, $7);
