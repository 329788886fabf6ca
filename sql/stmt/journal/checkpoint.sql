-- out:   body text
-- kind:  reads      lane: short
-- why:   the newest checkpoint, with cosignatures
SELECT * FROM api.journal_checkpoint();
