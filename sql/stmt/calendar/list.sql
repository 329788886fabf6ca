-- in:    year int
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the days of a year that do not follow their day of the week
SELECT * FROM api.calendar_list($1);
