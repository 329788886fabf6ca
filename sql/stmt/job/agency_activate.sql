-- in:    subject text
-- out:   moved boolean
-- kind:  writes      lane: short
-- why:   AG3: the public notice is over
SELECT job_agency_activate AS moved FROM api.job_agency_activate($1);
