-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   the period of a pick or an auction is over (TR4, TR5)
SELECT api.job_project_deadline($1) AS done;
