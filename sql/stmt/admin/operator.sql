-- in:    name text, credit_code text, credit_code_override text, user_name text, secret_hash bytea
-- out:   organisation text, user text, key text
-- kind:  writes      lane: short
-- why:   the first operator, by the migrator
SELECT * FROM api.admin_operator($1, $2, $3, $4, $5);
