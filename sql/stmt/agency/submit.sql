-- in:    caller text, need int, idem text, hash bytea, id text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   hands a draft in
SELECT * FROM api.agency_submit($1, $2, $3, $4, $5);
