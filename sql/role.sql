-- Roles of a database.  Run before everything else, by a superuser the first time: it makes what
-- is missing and changes nothing that stands as it should, so the migrator may run it later.
DO $$
DECLARE
  role record;
BEGIN
  FOR role IN SELECT * FROM (VALUES
      ('fairlot_owner', 'NOLOGIN'), -- owns every object; nobody logs in as it
      ('fairlot_migrator', 'LOGIN'), -- becomes the owner to migrate
      ('fairlot_writer', 'LOGIN'), -- the daemon: executes doors
      ('fairlot_reader', 'LOGIN'), -- the daemon, read only: executes the doors that read
      ('fairlot_audit', 'LOGIN')) -- people with SQL: views only
      AS r (name, login)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = role.name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s', role.name, role.login);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this server was set up at the same moment
      END;
    END IF;
  END LOOP;
  IF NOT pg_has_role('fairlot_migrator', 'fairlot_owner', 'MEMBER') THEN
    BEGIN
      GRANT fairlot_owner TO fairlot_migrator;
    EXCEPTION WHEN unique_violation THEN
      NULL;
    END;
  END IF;
END $$;

-- The owner makes schemas in this database.
DO $$
BEGIN
  IF NOT has_database_privilege('fairlot_owner', current_database(), 'CREATE') THEN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO fairlot_owner',
      current_database());
  END IF;
END $$;

-- Settings of the daemon's sessions in this database, and nothing in it for anybody else.
DO $$
DECLARE
  want record;
  here constant text := current_database();
BEGIN
  FOR want IN SELECT * FROM (VALUES
      ('fairlot_writer', 'statement_timeout', '2s'),
      ('fairlot_writer', 'lock_timeout', '500ms'),
      ('fairlot_writer', 'search_path', 'pg_catalog'),
      -- A session keeps its plans.  One that was made while a table had a page would read the whole
      -- of it for every bid, until the next ANALYZE.
      ('fairlot_writer', 'enable_seqscan', 'off'),
      ('fairlot_reader', 'statement_timeout', '2s'),
      ('fairlot_reader', 'lock_timeout', '500ms'),
      ('fairlot_reader', 'search_path', 'pg_catalog'),
      ('fairlot_reader', 'default_transaction_read_only', 'on'),
      ('fairlot_audit', 'statement_timeout', '5min'),
      ('fairlot_audit', 'default_transaction_read_only', 'on'))
      AS w (role, name, value)
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_db_role_setting s
        JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = here
       WHERE s.setrole = want.role::regrole
         AND format('%s=%s', want.name, want.value) = ANY (s.setconfig))
    THEN
      EXECUTE format('ALTER ROLE %I IN DATABASE %I SET %I = %L',
        want.role, here, want.name, want.value);
    END IF;
  END LOOP;
  IF has_database_privilege('fairlot_writer', here, 'TEMPORARY') THEN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', here);
  END IF;
END $$;
