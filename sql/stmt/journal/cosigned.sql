-- in:    size bigint, name text, line text, time_s bigint
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   a foreign witness's cosignature joins its checkpoint, verified by the daemon
SELECT api.journal_cosigned($1, $2, $3, $4) AS done;
