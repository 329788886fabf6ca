-- in:    caller text, year int, fund text, mode text
-- out:   version bigint, body text, next text
-- kind:  reads      lane: long
-- why:   adds up every transfer asked for
SELECT * FROM api.ledger_totals($1, $2, $3, $4);
