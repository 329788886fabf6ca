-- in:    id text
-- out:   name text, body bytea
-- kind:  reads      lane: long
-- why:   every record of every attempt, byte for byte
SELECT * FROM api.draw_transcript($1);
