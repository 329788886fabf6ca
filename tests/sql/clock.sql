-- What a test database has besides the market: a clock that can be set, and quick fixtures.  Run
-- by a superuser after schema api is loaded.
CREATE SCHEMA test;
GRANT USAGE ON SCHEMA test TO fairlot_owner;

-- fixed: the clock stands there; null: it runs, shifted.
CREATE TABLE test.clock (fixed timestamptz, shift interval NOT NULL);
INSERT INTO test.clock VALUES (NULL, '0');
GRANT SELECT ON test.clock TO fairlot_owner;

CREATE OR REPLACE FUNCTION api.now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$ SELECT coalesce(c.fixed, clock_timestamp() + c.shift) FROM test.clock c $$;

-- An organisation with one person and an API key; answers the key's id.
CREATE FUNCTION test.person(kind text, roles int) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  org text := api.new_id('org'); usr text := api.new_id('usr'); key text := api.new_id('key');
BEGIN
  INSERT INTO market.organisation (id, kind, name, credit_code, registered_at, recorded_at)
  VALUES (org, person.kind, '测试' || org, org, api.now(), api.now());
  INSERT INTO market.person (id, organisation_id, name, roles, registered_at, recorded_at)
  VALUES (usr, org, '测试' || usr, person.roles, api.now(), api.now());
  INSERT INTO market.api_key (id, user_id, organisation_id, roles, label, secret_hash, created_at)
  VALUES (key, usr, org, person.roles, 'test', sha256(convert_to(key, 'UTF8')), api.now());
  RETURN key;
END $$;
