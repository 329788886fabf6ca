-- in:    user_id text, label text, roles int, secret_hash bytea
-- out:   key text
-- kind:  writes      lane: short
-- why:   a key of a demonstration, by the migrator
SELECT admin_key AS key FROM api.admin_key($1, $2, $3, $4);
