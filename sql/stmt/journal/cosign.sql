-- in:    caller text, need int, size bigint, name text, cosign_key bytea, line text, time_s bigint
-- out:   status int, version bigint, replayed boolean, body text
-- kind:  writes      lane: short
-- why:   a verified cosignature joins its checkpoint
SELECT * FROM api.journal_cosign($1, $2, $3, $4, $5, $6, $7);
