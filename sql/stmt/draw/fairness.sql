-- in:    by text, limit int, cursor text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: long
-- why:   wins against what chance gives, for everyone who took part in draws
SELECT * FROM api.draw_fairness($1, $2, $3);
