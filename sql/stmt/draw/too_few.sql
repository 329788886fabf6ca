-- in:    subject text, version bigint
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   ends a round that has too few candidates (TR5)
SELECT api.draw_too_few($1, $2) AS done;
