-- in:    kind text, subject text, error text
-- out:   kept boolean
-- kind:  writes      lane: short
-- why:   a failed job comes back later
SELECT job_fail AS kept FROM api.job_fail($1, $2, $3);
