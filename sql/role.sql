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
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles p WHERE p.rolname = role.name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s', role.name, role.login);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this server was set up at the same moment
      END;
    END IF;
  END LOOP;
  IF NOT pg_catalog.pg_has_role('fairlot_migrator', 'fairlot_owner', 'MEMBER') THEN
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
  IF NOT pg_catalog.has_database_privilege('fairlot_owner', pg_catalog.current_database(), 'CREATE') THEN
    EXECUTE pg_catalog.format('GRANT CREATE ON DATABASE %I TO fairlot_owner',
      pg_catalog.current_database());
  END IF;
END $$;
