-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   adds a certificate to be checked
SELECT * FROM api.agency_certify($1, $2, $3, $4, $5, $6);
