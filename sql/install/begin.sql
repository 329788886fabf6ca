-- One transaction holds everything that a migration does.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '60s'; -- another daemon may be migrating, or a long report reading
SET LOCAL statement_timeout = 0;
SET LOCAL search_path = pg_catalog;
