-- in:    key text, value text
-- out:   changed boolean
-- kind:  writes      lane: short
-- why:   a setting of the market, by the migrator
SELECT admin_setting AS changed FROM api.admin_setting($1, $2);
