-- Checks the body of every function of schema api by its language's own validator: the files of fn/
-- are loaded with check_function_bodies off, so that functions may call later ones.
SET search_path = pg_catalog;
DO $$
DECLARE
  f record;
  bad text := '';
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
      bad := bad || f.name || ': ' || SQLERRM || E'\n';
    END;
  END LOOP;
  IF bad <> '' THEN
    RAISE EXCEPTION '%', bad;
  END IF;
END $$;
