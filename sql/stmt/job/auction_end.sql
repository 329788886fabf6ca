-- in:    subject text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   plans itself again when bids moved the end
SELECT api.job_auction_end($1) AS done;
