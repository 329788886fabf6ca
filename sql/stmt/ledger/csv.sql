-- in:    caller text, after bigint, count int, upto bigint
-- out:   chunk text, last bigint, cut bigint
-- kind:  reads      lane: long
-- why:   one piece of the export; the step passes last and cut on until last is null
SELECT * FROM api.ledger_csv($1, $2, $3, $4);
