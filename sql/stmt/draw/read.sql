-- in:    caller text, id text, index int
-- out:   state text, freeze text, kind text, round text, given text, allowed boolean, turn boolean, published boolean, awaited text, last boolean, candidates text, excluded text, before text, due text, version bigint, body text
-- kind:  reads      lane: short
-- why:   what a contribution is checked against, and the answer of a repeat
SELECT * FROM api.draw_read($1, $2, $3);
