-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   an overdue acceptance follows the profile (TR10)
SELECT api.job_accept_due($1) AS done;
