-- Schema api is made anew.  Bodies are not checked one by one, so that the order of the files does
-- not matter to functions that call one another; a test checks them when all of them stand.
DROP SCHEMA IF EXISTS api CASCADE;
CREATE SCHEMA api;
SET LOCAL check_function_bodies = off;
