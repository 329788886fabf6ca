-- Was this database ever set up?
SELECT to_regclass('install.state') IS NOT NULL;
