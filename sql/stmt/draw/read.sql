-- in:    caller text, id text, index int
-- out:   draw_id text, attempt int, state text, winners int, freeze text, freeze_hash text, candidates text, excluded text, operator_proof text, operator_value text, kind text, name text, public_key text, value text, allowed boolean, version bigint, body text
-- kind:  reads      lane: short
-- why:   what a contribution is checked against, and the answer of a repeat
SELECT * FROM api.draw_read($1, $2, $3);
