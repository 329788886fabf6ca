-- in:    caller text, id text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   a draft is seen by its owner and by who supervises
SELECT * FROM api.project_get($1, $2);
