-- in:    agencies int
-- out:   name text, user_id text, roles int
-- kind:  reads      lane: long
-- why:   who acts in a demonstration, by the migrator
SELECT * FROM api.admin_demo_people($1);
