-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   one profile by name or hash
SELECT * FROM api.policy_get($1);
