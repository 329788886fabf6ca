-- Organisations, users and API keys.

-- Which roles the users of an organisation may hold: its own; an authority may also own projects,
-- and whoever audits may also witness.
CREATE FUNCTION api.roles_of_kind(kind text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE kind WHEN 'owner' THEN 1 WHEN 'agency' THEN 2 WHEN 'operator' THEN 4
    WHEN 'regulator' THEN 8 | 1 WHEN 'auditor' THEN 16 | 1 | 32 WHEN 'witness' THEN 32 ELSE 0 END
$$;

-- Operator, regulator or auditor.
CREATE FUNCTION api.supervises(c api.ctx) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (c.roles & (4 | 8 | 16)) <> 0
$$;

CREATE FUNCTION api.organisation_json(o market.organisation) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', o.id, 'kind', o.kind, 'name', o.name, 'credit_code', o.credit_code,
    'credit_code_override', o.credit_code_override, 'region', o.region, 'version', o.version,
    'registered_at', api.utc(o.registered_at))::text
$$;
CREATE FUNCTION api.user_json(u market.person) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', u.id, 'organisation_id', u.organisation_id, 'name', u.name,
    'roles', api.role_names(u.roles), 'version', u.version, 'registered_at', api.utc(u.registered_at))::text
$$;
CREATE FUNCTION api.key_json(k market.api_key) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', k.id, 'user_id', k.user_id, 'label', k.label,
    'roles', api.role_names(k.roles), 'created_at', api.utc(k.created_at),
    'expires_at', api.utc(k.expires_at), 'last_used_at', api.utc(k.last_used_at),
    'revoked_at', api.utc(k.revoked_at), 'version', k.version)
$$;

-- Refuses a code that is none.  A wrong check character passes only with a reason: real codes
-- exist that fail it.  Returns the reason if it was needed.
CREATE FUNCTION api.credit_code_take(code text, override text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE found text := api.credit_code(code);
BEGIN
  IF found = 'form' THEN
    PERFORM api.refuse('bad-input', 'credit-code.form', '/credit_code',
      '统一社会信用代码应为 18 位规定字符', 'a credit code is 18 characters of its alphabet');
  ELSIF found = 'check' AND override IS NULL THEN
    PERFORM api.refuse('credit-code-check', 'credit-code.check', '/credit_code',
      '校验位不符；如确认无误，请填写 credit_code_override 说明理由',
      'the check character is wrong; if the code is right, say why in credit_code_override');
  END IF;
  RETURN CASE WHEN found = 'check' THEN override END;
END $$;

CREATE FUNCTION api.organisation_enter(body jsonb, at timestamptz) RETURNS market.organisation LANGUAGE plpgsql AS $$
DECLARE o market.organisation;
BEGIN
  PERFORM api.region_known(body ->> 'region', '/region');
  INSERT INTO market.organisation (id, kind, name, credit_code, credit_code_override, region, registered_at, recorded_at)
  VALUES (api.new_id('org'), body ->> 'kind', body ->> 'name', body ->> 'credit_code',
    api.credit_code_take(body ->> 'credit_code', body ->> 'credit_code_override'), body ->> 'region', at, at)
  ON CONFLICT ON CONSTRAINT organisation_credit_code DO NOTHING
  RETURNING * INTO o;
  IF NOT FOUND THEN
    PERFORM api.refuse('duplicate', 'people.credit-code', '/credit_code', '该统一社会信用代码已登记',
      'an organisation with this credit code is entered already');
  END IF;
  RETURN o;
END $$;

CREATE FUNCTION api.organisation_create(caller text, need int, idem text, hash bytea, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.organisation;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.organisation_enter(body, api.now());
  RETURN api.finish(c, 201, o.version, api.organisation_json(o));
END $$;

-- Its own users see an organisation, and those who run or supervise the market.
CREATE FUNCTION api.organisation_get(caller text, id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); o market.organisation;
BEGIN
  SELECT * INTO o FROM market.organisation p
   WHERE p.id = organisation_get.id AND (p.id = c.org_id OR api.supervises(c));
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此单位', 'there is no such organisation');
  END IF;
  RETURN ROW(o.version, api.organisation_json(o), NULL)::api.view;
END $$;

CREATE FUNCTION api.user_enter(o market.organisation, name text, roles int, at timestamptz)
RETURNS market.person LANGUAGE plpgsql AS $$
DECLARE u market.person;
BEGIN
  IF (roles & ~api.roles_of_kind(o.kind)) <> 0 THEN
    PERFORM api.refuse('rule', 'people.role', '/roles', '该类单位的用户不能具有这些角色',
      'users of an organisation of kind ' || o.kind || ' may not hold these roles');
  END IF;
  INSERT INTO market.person (id, organisation_id, name, roles, registered_at, recorded_at)
  VALUES (api.new_id('usr'), o.id, user_enter.name, user_enter.roles, at, at) RETURNING * INTO u;
  RETURN u;
END $$;

CREATE FUNCTION api.user_create(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.organisation; u market.person;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  SELECT * INTO o FROM market.organisation p WHERE p.id = user_create.id FOR SHARE;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此单位', 'there is no such organisation');
  END IF;
  u := api.user_enter(o, body ->> 'name', api.role_bits(body -> 'roles'), api.now());
  RETURN api.finish(c, 201, u.version, api.user_json(u));
END $$;

CREATE FUNCTION api.user_me(caller text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); body text;
BEGIN
  SELECT json_build_object('key_id', k.id, 'user_id', u.id, 'user_name', u.name,
      'organisation_id', o.id, 'organisation_name', o.name, 'organisation_kind', o.kind,
      'roles', api.role_names(k.roles), 'agency_id', a.id, 'agency_state', a.state,
      'expires_at', api.utc(k.expires_at))::text INTO body
    FROM market.api_key k
    JOIN market.person u ON u.id = k.user_id
    JOIN market.organisation o ON o.id = k.organisation_id
    LEFT JOIN market.agency a ON a.organisation_id = o.id
   WHERE k.id = c.key_id;
  IF NOT FOUND THEN
    PERFORM api.refuse('unauthorized', '', '', '需要凭证', 'a credential is needed');
  END IF;
  RETURN ROW(NULL, body, NULL)::api.view;
END $$;

-- A user's keys are that user's own matter, and the operator's.
CREATE FUNCTION api.user_reached(c api.ctx, id text) RETURNS market.person LANGUAGE plpgsql STABLE AS $$
DECLARE u market.person;
BEGIN
  SELECT * INTO u FROM market.person p
   WHERE p.id = user_reached.id AND (p.id = c.user_id OR (c.roles & 4) <> 0);
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此用户', 'there is no such user');
  END IF;
  RETURN u;
END $$;

-- Who made the key of a caller, or a key that it came from.
CREATE FUNCTION api.makers(c api.ctx) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT k.made_by FROM market.api_key k WHERE k.id = c.key_id
$$;

-- The second of two people is the first again, or one of them holds a key that the other made: who
-- can make a person's key can act as that person.
CREATE FUNCTION api.one_hand(c api.ctx, others text[], makers text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(c.user_id = ANY (others || makers), false) OR api.makers(c) && others
$$;

CREATE FUNCTION api.key_enter(u market.person, label text, roles int, expires timestamptz,
  secret_hash bytea, made_by text[], at timestamptz) RETURNS market.api_key LANGUAGE plpgsql AS $$
DECLARE k market.api_key;
BEGIN
  INSERT INTO market.api_key (id, user_id, organisation_id, roles, label, secret_hash, made_by, created_at, expires_at)
  VALUES (api.new_id('key'), u.id, u.organisation_id, key_enter.roles, key_enter.label,
    key_enter.secret_hash, array_remove(key_enter.made_by, u.id), at, expires)
  ON CONFLICT ON CONSTRAINT api_key_secret DO NOTHING
  RETURNING * INTO k;
  IF NOT FOUND THEN
    PERFORM api.refuse('duplicate', 'key.secret', '', '密钥已存在', 'this secret is in use');
  END IF;
  RETURN k;
END $$;

-- secret_hash: SHA-256 of the secret, which never comes here.  The body has no secret, so what a
-- repeat gets has none either; the step that made the secret adds it to the first answer.
-- A key gives at most what the user has and, made by oneself, what the key in hand has.
CREATE FUNCTION api.key_create(caller text, need int, idem text, hash bytea, id text, body jsonb,
  secret_hash bytea) RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE
  c api.ctx; u market.person; k market.api_key; t timestamptz; roles int;
  expires timestamptz := (body ->> 'expires_at')::timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  u := api.user_reached(c, key_create.id);
  PERFORM 1 FROM market.person p WHERE p.id = u.id FOR SHARE;
  t := api.now();
  roles := api.role_bits(body -> 'roles');
  IF (roles & ~u.roles) <> 0 OR ((c.roles & 4) = 0 AND (roles & ~c.roles) <> 0) THEN
    PERFORM api.refuse('rule', 'key.roles', '/roles', '密钥的角色不能超出用户和当前密钥的角色',
      'a key has at most the roles of its user and of the key it is made with');
  END IF;
  IF expires <= t THEN
    PERFORM api.refuse('rule', 'key.expiry', '/expires_at', '失效时间必须在将来', 'the expiry must lie ahead');
  END IF;
  IF coalesce(expires, 'infinity') > (SELECT h.expires_at FROM market.api_key h WHERE h.id = c.key_id) THEN
    PERFORM api.refuse('rule', 'key.expiry', '/expires_at', '密钥的失效时间不得晚于当前密钥',
      'a key does not outlive the one it is made with');
  END IF;
  k := api.key_enter(u, body ->> 'label', roles, expires, secret_hash, api.makers(c) || c.user_id, t);
  RETURN api.finish(c, 201, k.version, api.key_json(k)::text);
END $$;

CREATE FUNCTION api.key_list(caller text, id text, asked int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE
  c api.ctx := api.reader(caller); u market.person := api.user_reached(c, key_list.id);
  after text[] := api.cursor_parts(cursor, '^key ([0-9]{1,18}) ([A-Za-z0-9_]{1,64})$');
  keys text[]; items json[];
BEGIN
  SELECT array_agg('key ' || api.us(k.created_at) || ' ' || k.id ORDER BY k.created_at, k.id),
      array_agg(api.key_json(k) ORDER BY k.created_at, k.id)
    INTO keys, items
    FROM (SELECT * FROM market.api_key l
           WHERE l.user_id = u.id
             AND (after IS NULL OR (api.us(l.created_at), l.id) > (after[1]::bigint, after[2]))
           ORDER BY l.created_at, l.id LIMIT coalesce(asked, 50) + 1) k;
  RETURN api.page(keys, items, asked);
END $$;

CREATE FUNCTION api.key_revoke(caller text, need int, if_match bigint, id text) RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; k market.api_key;
BEGIN
  c := api.begin(caller, need, NULL, NULL);
  SELECT * INTO k FROM market.api_key l
   WHERE l.id = key_revoke.id AND (l.user_id = c.user_id OR (c.roles & 4) <> 0) FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此密钥', 'there is no such key');
  END IF;
  PERFORM api.match(if_match, k.version);
  IF k.revoked_at IS NOT NULL THEN
    PERFORM api.refuse('wrong-state', 'key.revoked', '', '密钥已吊销', 'the key is revoked already');
  END IF;
  UPDATE market.api_key l SET revoked_at = api.now(), version = l.version + 1
   WHERE l.id = k.id RETURNING * INTO k;
  RETURN api.finish(c, 200, k.version, api.key_json(k)::text);
END $$;

-- Last use of keys, flushed by the daemon once a minute; a key used elsewhere later keeps that.
CREATE FUNCTION api.key_used(ids text[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int; t timestamptz := api.now();
BEGIN
  UPDATE market.api_key k SET last_used_at = t
    FROM (SELECT l.id FROM market.api_key l WHERE l.id = ANY (ids) ORDER BY l.id FOR UPDATE SKIP LOCKED) s
   WHERE k.id = s.id;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

-- Who a secret belongs to; no row when no live key has this hash.
CREATE FUNCTION api.auth_key(secret_hash bytea)
RETURNS TABLE (key text, "user" text, organisation text, roles int) LANGUAGE sql STABLE AS $$
  SELECT k.id, k.user_id, k.organisation_id, k.roles FROM market.api_key k
   WHERE k.secret_hash = auth_key.secret_hash AND k.revoked_at IS NULL
     AND (k.expires_at IS NULL OR k.expires_at > api.now())
$$;
