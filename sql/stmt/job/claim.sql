-- in:    limit int, lease interval
-- out:   kind text, subject text
-- kind:  writes      lane: short
-- why:   takes due jobs, each by one daemon
SELECT * FROM api.job_claim($1, $2);
