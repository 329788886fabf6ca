-- What migrations are recorded in, and the one row that is locked while somebody migrates.
CREATE SCHEMA IF NOT EXISTS install;
CREATE TABLE IF NOT EXISTS install.migration (
  name text COLLATE "C" CONSTRAINT migration_pk PRIMARY KEY,
  sha256 text NOT NULL);
CREATE TABLE IF NOT EXISTS install.state (
  one boolean CONSTRAINT state_pk PRIMARY KEY DEFAULT true CONSTRAINT state_one CHECK (one),
  api_sha256 text NOT NULL); -- of everything that made schema api
INSERT INTO install.state (api_sha256) VALUES ('') ON CONFLICT ON CONSTRAINT state_pk DO NOTHING;
