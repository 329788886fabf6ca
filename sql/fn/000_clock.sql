-- The only place that reads a clock.  The test build replaces this file by tests/sql/clock.sql.
CREATE FUNCTION api.now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$ SELECT clock_timestamp() $$;
