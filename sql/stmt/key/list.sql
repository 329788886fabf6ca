-- in:    caller text, id text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   a user's keys
SELECT * FROM api.key_list($1, $2, $3, $4);
