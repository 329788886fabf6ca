-- in:    log text, others text
-- out:   size bigint, signed bigint, waiting bigint, unsigned_s numeric, checkpoint_s numeric, led boolean, name text, cosigned bigint, cosigned_s numeric
-- kind:  reads      lane: short
-- why:   figures of the journal for whoever watches the daemon
SELECT * FROM api.journal_watch($1, $2);
