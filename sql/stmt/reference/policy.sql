-- in:    name text, rules text
-- out:   changed int
-- kind:  writes      lane: long
-- why:   one profile, by the migrator
SELECT reference_policy AS changed FROM api.reference_policy($1, $2);
