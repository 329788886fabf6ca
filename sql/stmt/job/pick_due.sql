-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   an unanswered pick is free for another
SELECT api.job_pick_due($1) AS done;
