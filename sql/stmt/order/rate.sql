-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   an edited rating is a new version
SELECT * FROM api.order_rate($1, $2, $3, $4, $5, $6);
