-- in:    lines jsonb
-- out:   changed int
-- kind:  writes      lane: long
-- why:   the rows of one file, by the migrator
SELECT reference_calendar AS changed FROM api.reference_calendar($1);
