-- in:    caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the old notice stays, a material change extends the period (TR3)
SELECT * FROM api.project_amend($1, $2, $3, $4, $5, $6, $7);
