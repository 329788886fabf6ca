-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   what two people, and the witnesses, agree to
SELECT * FROM api.void_get($1);
