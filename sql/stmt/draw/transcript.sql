-- in:    id text
-- out:   name text, body bytea, size bigint, attempt int, n int
-- kind:  reads      lane: long
-- why:   every record of every attempt, byte for byte; a long one without its bytes
SELECT * FROM api.draw_transcript($1);
