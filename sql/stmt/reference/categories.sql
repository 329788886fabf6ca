-- in:    lines jsonb
-- out:   changed int
-- kind:  writes      lane: long
-- why:   the rows of one file, by the migrator
SELECT reference_categories AS changed FROM api.reference_categories($1);
