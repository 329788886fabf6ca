-- in:    caller text, need int, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the version stops changing another draft than the one seen
SELECT * FROM api.agency_edit($1, $2, $3, $4, $5);
