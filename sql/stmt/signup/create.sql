-- in:    caller text, need int, idem text, hash bytea, id text, salt bytea
-- out:   status int, version bigint, replayed boolean, body text, leaf bytea, kind text, subject text, at text
-- kind:  writes      lane: short
-- why:   the entry is sealed with a salt of the caller; the receipt states its leaf
SELECT * FROM api.signup_create($1, $2, $3, $4, $5, $6);
