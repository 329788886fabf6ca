-- One transaction holds the whole set.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '10s';
SET LOCAL search_path = pg_catalog;
SET LOCAL synchronous_commit = on;
SET LOCAL ROLE fairlot_owner;
