-- out:   done text
-- kind:  writes      lane: long
-- why:   the last step of loading, by the migrator
SELECT reference_end::text AS done FROM api.reference_end();
