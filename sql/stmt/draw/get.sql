-- in:    id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   state, who is awaited, values, order
SELECT * FROM api.draw_get($1);
