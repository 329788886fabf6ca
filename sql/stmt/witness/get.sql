-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one witness, by name
SELECT * FROM api.witness_get($1);
