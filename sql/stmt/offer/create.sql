-- in:    caller text, need int, idem text, hash bytea, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   lists an offer
SELECT * FROM api.offer_create($1, $2, $3, $4, $5);
