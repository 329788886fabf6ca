-- in:    ids text[]
-- out:   used int
-- kind:  writes      lane: short
-- why:   last use of keys, once a minute
SELECT key_used AS used FROM api.key_used($1);
