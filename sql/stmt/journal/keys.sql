-- out:   body text
-- kind:  reads      lane: short
-- why:   the keys of the log and of receipts
SELECT * FROM api.journal_keys();
