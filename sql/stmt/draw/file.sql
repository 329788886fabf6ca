-- in:    id text, file text
-- out:   body bytea, type text
-- kind:  reads      lane: short
-- why:   one record of the latest attempt, byte for byte
SELECT * FROM api.draw_file($1, $2);
