-- in:    subject text
-- out:   gone int
-- kind:  writes      lane: short
-- why:   idempotency keys are kept for 72 hours
SELECT job_key_purge AS gone FROM api.job_key_purge($1);
