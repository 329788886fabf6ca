-- in:    caller text, need int, id text, name text, cosign_key bytea, signature bytea
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   the last signature that is owed carries the void out
SELECT * FROM api.void_sign($1, $2, $3, $4, $5, $6);
