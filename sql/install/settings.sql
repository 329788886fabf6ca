-- Settings of the daemon's sessions, and nothing for anybody else.  Run as whoever logged in,
-- behind the lock; only what differs is changed, so the migrator needs no right for a re-run.
DO $$
DECLARE
  want record;
  here constant text := current_database();
BEGIN
  FOR want IN SELECT * FROM (VALUES
      ('fairlot_writer', 'statement_timeout', '2s'),
      ('fairlot_writer', 'lock_timeout', '500ms'),
      ('fairlot_writer', 'search_path', 'pg_catalog'),
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
