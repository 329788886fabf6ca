-- Schema api is made anew.  Bodies are checked when all of them stand (valid.sql), so that the
-- order of the files does not matter to functions that call one another.
DROP SCHEMA IF EXISTS api CASCADE;
CREATE SCHEMA api;
SET LOCAL check_function_bodies = off;
