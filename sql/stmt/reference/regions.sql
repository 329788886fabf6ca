-- in:    lines jsonb
-- out:   changed int
-- kind:  writes      lane: long
-- why:   the rows of one file, by the migrator
SELECT reference_regions AS changed FROM api.reference_regions($1);
