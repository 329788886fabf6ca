-- in:    subject text
-- out:   state text, due boolean, draw_id text, attempt int, project_id text, winners int, minimum int, origin text, previous text, notice_hash text, rules_hash text, commitment text, close_at text, operator_key text, candidates text, excluded text, signups text, eligible int, version bigint
-- kind:  reads      lane: short
-- why:   everything the freeze record is built from, and the version it was read at
SELECT * FROM api.draw_freeze_read($1);
