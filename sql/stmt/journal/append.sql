-- in:    log text, holder text, lease interval, size bigint, ids bigint[], levels int[], places bigint[], tiles bytea, roots bytea, root bytea
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   indices, tiles and root of a batch are one fact
SELECT journal_append AS done FROM api.journal_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
