-- in:    secret_hash bytea
-- out:   key text, user text, organisation text, roles int
-- kind:  reads      lane: short
-- why:   who a secret belongs to; no row when no live key has it
SELECT * FROM api.auth_key($1);
