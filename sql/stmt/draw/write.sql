-- in:    caller text, need int, id text, index int, version bigint, value bytea, proof bytea, seed bytea, result text
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   a value and, with the last, the result are one fact (TR6)
SELECT * FROM api.draw_write($1, $2, $3, $4, $5, $6, $7, $8, $9);
