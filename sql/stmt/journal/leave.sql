-- in:    log text, holder text
-- out:   left boolean
-- kind:  writes      lane: short
-- why:   whoever stops lets another go on at once
SELECT journal_leave AS left FROM api.journal_leave($1, $2);
