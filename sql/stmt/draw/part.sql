-- in:    id text, attempt int, n int, after text
-- out:   body bytea, next text
-- kind:  reads      lane: long
-- why:   a long record is sent in parts, in constant memory
SELECT * FROM api.draw_part($1, $2, $3, $4);
