-- in:    year int
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the published table of one year or of all time
SELECT * FROM api.statistics_get($1);
