-- in:    id text, file text
-- out:   name text, body bytea, size bigint, attempt int, n int, type text
-- kind:  reads      lane: long
-- why:   one record of the latest attempt, byte for byte; a long one without its bytes
SELECT * FROM api.draw_file($1, $2);
