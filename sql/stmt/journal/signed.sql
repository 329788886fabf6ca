-- in:    log text, size bigint, root bytea, note text
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   a checkpoint becomes public
SELECT journal_signed AS done FROM api.journal_signed($1, $2, $3, $4);
