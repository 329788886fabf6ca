-- in:    subject text
-- out:   state text, due boolean, draft text, candidates text, excluded text, signups text, eligible int, minimum int, version bigint
-- kind:  reads      lane: long
-- why:   the lists, the freeze record but for their roots, and the version they were read at
SELECT * FROM api.draw_freeze_read($1);
