-- Checks the body of every function of schema api by its language's own validator.
SET LOCAL check_function_bodies = on;
DO $$
DECLARE
  f record;
BEGIN
  FOR f IN SELECT p.oid, l.lanname, p.oid::regprocedure::text AS name
             FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE p.pronamespace = 'api'::regnamespace ORDER BY 3
  LOOP
    BEGIN
      IF f.lanname = 'plpgsql' THEN
        PERFORM plpgsql_validator(f.oid);
      ELSE
        PERFORM fmgr_sql_validator(f.oid);
      END IF;
    EXCEPTION WHEN OTHERS THEN
      RAISE EXCEPTION '%: %', f.name, SQLERRM;
    END;
  END LOOP;
END $$;
