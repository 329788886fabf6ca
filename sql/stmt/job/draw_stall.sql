-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   an owner silent after value 1 ends the round; another is named
SELECT api.job_draw_stall($1) AS done;
