-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   standstill over and no objection open: the award (TR7)
SELECT api.job_project_award($1) AS done;
