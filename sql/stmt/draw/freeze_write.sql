-- in:    subject text, version bigint, candidates text, excluded text, signups text, freeze text, freeze_hash bytea, proof bytea, value bytea, public_key bytea
-- out:   done boolean
-- kind:  writes      lane: short
-- why:   freeze and value 1 together, refused when the list changed since the read
SELECT api.draw_freeze_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS done;
