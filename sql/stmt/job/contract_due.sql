-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   an overdue contract ends the wait of one party or the other (TR8)
SELECT api.job_contract_due($1) AS done;
