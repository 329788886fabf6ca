-- Timers: who runs them, and what becomes of those that failed.  A job's own function removes its
-- row, or plans it again, in the transaction that does the work; so a death before the commit
-- leaves the row, whose lease runs out, and one after it leaves nothing to do.

-- Claims at most n due jobs for a while; each goes to one daemon.
CREATE FUNCTION api.job_claim(n int, lease interval) RETURNS TABLE (kind text, subject text)
LANGUAGE plpgsql AS $$
DECLARE t timestamptz := api.now();
BEGIN
  RETURN QUERY
  UPDATE market.job j SET lease_until = t + lease
    FROM (SELECT d.kind, d.subject FROM market.job d WHERE d.due_at <= t AND d.lease_until <= t
           ORDER BY d.due_at LIMIT n FOR UPDATE SKIP LOCKED) due
   WHERE j.kind = due.kind AND j.subject = due.subject
  RETURNING j.kind, j.subject;
END $$;

-- Tried again after 1, 2, 4 … 256 seconds, for ever: a timer is never given up.  A row that is not
-- claimed was planned again meanwhile and keeps its own time.
CREATE FUNCTION api.job_fail(kind text, subject text, error text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.job j SET attempt = j.attempt + 1, last_error = left(error, 500),
    lease_until = api.now() + interval '1 second' * (1 << least(j.attempt, 8))
   WHERE j.kind = job_fail.kind AND j.subject = job_fail.subject AND j.lease_until > '-infinity';
  RETURN FOUND;
END $$;

-- At most 10,000 a time; comes back at once while there are more, else in an hour.
CREATE FUNCTION api.job_key_purge(subject text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE t timestamptz := api.now(); n int;
BEGIN
  DELETE FROM market.idempotency i USING (
    SELECT k.principal, k.key FROM market.idempotency k WHERE k.created_at < t - interval '72 hours'
     ORDER BY k.created_at LIMIT 10000 FOR UPDATE SKIP LOCKED) old
   WHERE i.principal = old.principal AND i.key = old.key;
  GET DIAGNOSTICS n = ROW_COUNT;
  PERFORM api.job_plan('key_purge', subject, CASE WHEN n = 10000 THEN t ELSE t + interval '1 hour' END);
  RETURN n;
END $$;
