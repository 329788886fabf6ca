-- in:    limit int, cursor text, state text, mode text, item text, category text, owner text, q text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: short
-- why:   the published projects, newest first
SELECT * FROM api.project_list($1, $2, $3, $4, $5, $6, $7, $8);
