-- The frame of every call: who asks, has the answer been given before, how a refusal is raised,
-- how a change enters the journal's outbox, and how a state moves.  All functions of schema api
-- are SECURITY DEFINER of fairlot_owner: the daemon's roles have no rights on tables at all.
-- Files of fn/ are loaded in name order into an empty schema api, whenever their text changed.

-- What a call knows of itself.  done: the stored answer stands in (status, version, body).
CREATE TYPE api.ctx AS (
  key_id text, user_id text, org_id text, roles int, actor text,
  idem text, hash bytea,
  done boolean, status int, version bigint, body text);

-- What a call answers.  version null: the resource has none.
CREATE TYPE api.answer AS (status int, version bigint, replayed boolean, body text);

-- What a read answers.  next: the cursor of the following page, null on the last.
CREATE TYPE api.view AS (version bigint, body text, next text);

-- Raises one of err.def by its stable code.  rule: the market's rule id or ''; pointer: JSON
-- Pointer of the member at fault or ''.  api.err is generated from err.def.
CREATE FUNCTION api.refuse(code text, rule text, pointer text, zh text, en text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = (SELECT e.sqlstate FROM api.err e WHERE e.code = refuse.code),
    MESSAGE = en, DETAIL = zh, HINT = rule, COLUMN = pointer;
END $$;

-- 26 lower-case base32 characters (RFC 4648 alphabet) behind a kind prefix: 130 random bits.
CREATE FUNCTION api.new_id(prefix text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  raw bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  bits bigint := 0; have int := 0; out text := ''; pos int := 0;
  alphabet constant text := 'abcdefghijklmnopqrstuvwxyz234567';
BEGIN
  -- A version 4 uuid fixes bits of its bytes 6 and 8; of the others 17 are needed.
  raw := substring(raw FROM 1 FOR 6) || substring(raw FROM 10 FOR 7) || substring(raw FROM 17 FOR 6);
  WHILE length(out) < 26 LOOP
    IF have < 5 THEN
      bits := ((bits << 8) | get_byte(raw, pos)) & 4294967295; have := have + 8; pos := pos + 1;
    END IF;
    out := out || substr(alphabet, ((bits >> (have - 5)) & 31)::int + 1, 1);
    have := have - 5;
  END LOOP;
  RETURN prefix || '_' || out;
END $$;

-- The caller of a read; null caller is the public.  Raises unauthorized when the key died.
CREATE FUNCTION api.reader(caller text) RETURNS api.ctx
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx;
BEGIN
  IF caller IS NULL THEN
    c.roles := 0; c.actor := 'public';
    RETURN c;
  END IF;
  SELECT k.id, k.user_id, k.organisation_id, k.roles INTO c.key_id, c.user_id, c.org_id, c.roles
    FROM market.api_key k
   WHERE k.id = caller AND k.revoked_at IS NULL
     AND (k.expires_at IS NULL OR k.expires_at > api.now());
  IF NOT FOUND THEN
    PERFORM api.refuse('unauthorized', '', '', '凭证已失效', 'the API key is no longer valid');
  END IF;
  c.actor := c.user_id;
  RETURN c;
END $$;

-- First call of every write: the key is checked again, the role against need (bits of op.def),
-- then the idempotency key (null where the operation has none) is claimed, or its stored answer
-- found.  Waits for a call in flight under the same key at most lock_timeout.
CREATE FUNCTION api.begin(caller text, need int, idem text, hash bytea) RETURNS api.ctx
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; k market.idempotency;
BEGIN
  c := api.reader(caller);
  c.idem := idem; c.hash := hash; c.done := false;
  IF need <> 0 AND (c.roles & need) = 0 THEN
    PERFORM api.refuse('forbidden', '', '', '该角色无权进行此操作', 'this role may not do this');
  END IF;
  IF idem IS NULL THEN
    RETURN c;
  END IF;
  BEGIN
    INSERT INTO market.idempotency (principal, key, hash, created_at)
    VALUES (c.user_id, idem, hash, api.now())
    ON CONFLICT ON CONSTRAINT idempotency_pk DO NOTHING;
  EXCEPTION WHEN lock_not_available THEN
    PERFORM api.refuse('idempotency-key-in-flight', '', '', '同一幂等键的请求仍在处理',
      'a request with this Idempotency-Key is still running');
  END;
  IF FOUND THEN
    RETURN c;
  END IF;
  -- No row here means that it was purged this moment; no status, that its function has no
  -- api.finish.  Neither is a refusal.
  SELECT * INTO STRICT k FROM market.idempotency i WHERE i.principal = c.user_id AND i.key = idem;
  IF k.hash IS DISTINCT FROM begin.hash THEN
    PERFORM api.refuse('idempotency-key-reused', '', '', '该幂等键已用于内容不同的请求',
      'this Idempotency-Key was used with another request');
  END IF;
  IF k.status IS NULL THEN
    RAISE EXCEPTION 'the answer under this key was never stored';
  END IF;
  c.done := true; c.status := k.status; c.version := k.version; c.body := k.body;
  RETURN c;
END $$;

-- The stored answer of a repeated call: IF c.done THEN RETURN api.replay(c); END IF;
CREATE FUNCTION api.replay(c api.ctx) RETURNS api.answer
LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(c.status, c.version, true, c.body)::api.answer
$$;

-- Last call of every write: stores the answer under the idempotency key and returns it.
-- stored: what a repeat gets instead of body (an answer with a secret leaves it out there).  Only
-- success is stored: a refusal raises, and leaves nothing.
CREATE FUNCTION api.finish(c api.ctx, status int, version bigint, body text,
  stored text DEFAULT NULL) RETURNS api.answer
LANGUAGE plpgsql AS $$
BEGIN
  IF status NOT BETWEEN 200 AND 299 THEN
    RAISE EXCEPTION 'status % is not a success', status;
  END IF;
  IF c.idem IS NOT NULL THEN
    UPDATE market.idempotency i
       SET status = finish.status, version = finish.version, body = coalesce(stored, finish.body)
     WHERE i.principal = c.user_id AND i.key = c.idem;
  END IF;
  RETURN ROW(finish.status, finish.version, false, finish.body)::api.answer;
END $$;

-- RFC 3339 UTC for answers, and with microseconds for journal entries.
CREATE FUNCTION api.utc(t timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
END $$;
CREATE FUNCTION api.utc_s(t timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
END $$;
CREATE FUNCTION api.utc_us(t timestamptz) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END $$;

-- Canonical JSON (RFC 8785), for what the market writes: objects with ASCII names, strings,
-- integers up to 2^53, booleans, null.  Names are sorted bytewise, nothing stands between tokens;
-- jsonb's own text escapes a string exactly as RFC 8785, 3.2.2.2 asks.
CREATE FUNCTION api.canon(j jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE n numeric;
BEGIN
  CASE jsonb_typeof(j)
  WHEN 'object' THEN
    RETURN '{' || coalesce((
      SELECT string_agg(to_json(e.key)::text || ':' || CASE jsonb_typeof(e.value)
          WHEN 'string' THEN e.value::text ELSE api.canon(e.value) END, ',' ORDER BY e.key COLLATE "C")
        FROM jsonb_each(j) e), '') || '}';
  WHEN 'array' THEN
    RETURN '[' || coalesce((
      SELECT string_agg(api.canon(e.value), ',' ORDER BY e.ordinality)
        FROM jsonb_array_elements(j) WITH ORDINALITY e), '') || ']';
  WHEN 'number' THEN
    n := j::numeric;
    IF n <> trunc(n) OR abs(n) > 9007199254740992 THEN
      RAISE EXCEPTION 'canonical JSON of the market has no number %', n;
    END IF;
    RETURN trim_scale(n)::text;
  ELSE
    RETURN j::text;
  END CASE;
END $$;

-- RFC 6962 leaf hash.
CREATE FUNCTION api.leaf(entry bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256('\x00'::bytea || entry)
$$;

-- Puts one entry into the journal's outbox, in its final bytes, and returns its leaf hash.  The
-- words of its first line have no blanks, or the line would read otherwise than it was meant.
-- Call it after the subject's row lock is held.  payload: the record's exact text, or
-- api.canon(…) || E'\n'.  supersedes: journal index or null.
CREATE FUNCTION api.entry(kind text, subject text, actor text, at timestamptz, payload text,
  supersedes bigint DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql AS $$
DECLARE bytes bytea;
BEGIN
  IF kind || subject || actor ~ '[[:space:]]' THEN
    RAISE EXCEPTION 'a blank in the first line of an entry: % % %', kind, subject, actor;
  END IF;
  bytes := convert_to('fairlot-entry/v1 ' || kind || ' ' || subject || ' ' || actor || ' '
    || api.utc_us(at) || ' ' || coalesce(supersedes::text, '-') || E'\n' || payload, 'UTF8');
  WITH put AS (
    INSERT INTO market.outbox (log, kind, subject, entry, leaf, recorded_at)
    VALUES ('journal', entry.kind, entry.subject, bytes, api.leaf(bytes), api.now())
    RETURNING outbox.log, outbox.id)
  INSERT INTO market.log_waiting (log, outbox_id) SELECT put.log, put.id FROM put;
  RETURN api.leaf(bytes);
END $$;

-- Plans or re-plans the timer of a subject; due null removes it.
CREATE FUNCTION api.job_plan(kind text, subject text, due timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF due IS NULL THEN
    DELETE FROM market.job j WHERE j.kind = job_plan.kind AND j.subject = job_plan.subject;
  ELSE
    INSERT INTO market.job (kind, subject, due_at) VALUES (job_plan.kind, job_plan.subject, due)
    ON CONFLICT ON CONSTRAINT job_pk DO UPDATE SET due_at = excluded.due_at, attempt = 0,
      lease_until = '-infinity';
  END IF;
END $$;

-- The one mover of states.  resource: 'project', 'agency', 'order' …; api.move_rule is generated
-- from every state.def.  Returns the new state or refuses with wrong-state and the guard's id.
CREATE FUNCTION api.move(resource text, state text, event text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE m api.move_rule;
BEGIN
  SELECT * INTO m FROM api.move_rule r
   WHERE r.resource = move.resource AND r.event = move.event AND r.source = move.state;
  IF NOT FOUND THEN
    PERFORM api.refuse('wrong-state',
      coalesce((SELECT min(r.guard) FROM api.move_rule r
                 WHERE r.resource = move.resource AND r.event = move.event), ''), '',
      '当前状态为 ' || state || '，不能进行 ' || event,
      'it is ' || state || ', which has no ' || event);
  END IF;
  RETURN m.target;
END $$;

-- The version a person saw (If-Match) against the version there is.
CREATE FUNCTION api.match(want bigint, have bigint) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF want IS NOT NULL AND want <> have THEN
    PERFORM api.refuse('stale', '', '', '对象已改变，现为版本 ' || have,
      'the object changed; it is at version ' || have);
  END IF;
END $$;

-- Opaque cursors: base64url of the last row's sort key.  A cursor that we did not make is refused.
CREATE FUNCTION api.cursor_put(key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(encode(convert_to(key, 'UTF8'), 'base64'), '+/=' || E'\n', '-_')
$$;
CREATE FUNCTION api.cursor_get(cursor text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE key text;
BEGIN
  IF cursor IS NULL THEN
    RETURN NULL;
  END IF;
  BEGIN
    key := convert_from(decode(translate(cursor, '-_', '+/') ||
      repeat('=', (4 - length(cursor) % 4) % 4), 'base64'), 'UTF8');
  EXCEPTION WHEN data_exception THEN
    key := NULL;
  END;
  IF api.cursor_put(key) IS DISTINCT FROM cursor THEN
    PERFORM api.refuse('bad-input', '', 'cursor', '分页游标无效', 'the cursor is not one of ours');
  END IF;
  RETURN key;
END $$;
