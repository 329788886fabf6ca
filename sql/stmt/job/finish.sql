-- in:    kind text, subject text, lease text
-- out:   gone boolean
-- kind:  writes      lane: short
-- why:   a job that left nothing to plan goes
SELECT job_finish AS gone FROM api.job_finish($1, $2, $3);
