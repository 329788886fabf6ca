-- The life of a registration (lib/agency/state.def).
-- AG1: what is handed in names known categories, grades and days to come.
-- AG2: an operator checks; a refusal says why; a wrong credit code needs a reason.
-- AG3: active when the public notice is over.

CREATE FUNCTION api.certificate_json(c market.certificate, at timestamptz) RETURNS json
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('id', c.id, 'qualification', q.code, 'name_zh', q.name_zh, 'name_en', q.name_en,
    'grade', c.grade, 'issuer', c.issuer, 'number', c.number, 'expires_on', c.expires_on,
    'state', CASE WHEN c.state = 'valid' AND NOT api.certificate_good(c, at) THEN 'expired' ELSE c.state END)
    FROM market.qualification q WHERE q.code = c.qualification_code);
END $$;

-- What a check should look at; nothing of it refuses by itself.
CREATE FUNCTION api.agency_warnings(a market.agency, at timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(w.warning), '[]') FROM (
    SELECT 'credit-code-' || f.found AS warning
      FROM (SELECT api.credit_code(o.credit_code) AS found FROM market.organisation o WHERE o.id = a.organisation_id) f
     WHERE f.found <> 'ok'
    UNION ALL
    SELECT 'certificate-expired' WHERE EXISTS (SELECT FROM market.certificate c
      WHERE c.agency_id = a.id AND at >= (c.expires_on + 1)::timestamp AT TIME ZONE interval '8 hours')) w
$$;

-- Other agencies that share a fact, at most 100: for the operator to see who is under one control.
CREATE FUNCTION api.agency_related(a market.agency) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_object('agency_id', r.id, 'name', r.name, 'by', r.by) ORDER BY r.id), '[]')
    FROM (SELECT b.id, b.name, CASE WHEN b.phone = a.phone THEN 'phone'
             WHEN b.address = a.address THEN 'address' ELSE 'legal_representative' END AS by
            FROM market.agency b
           WHERE b.id <> a.id AND b.state NOT IN ('removed', 'left')
             AND (b.legal_representative = a.legal_representative OR b.phone = a.phone OR b.address = a.address)
           ORDER BY b.id LIMIT 100) r
$$;

-- check_reason is for the agency and supervisors, warnings and related for supervisors only.
CREATE FUNCTION api.agency_json(a market.agency, c api.ctx, at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT (jsonb_build_object('id', a.id, 'organisation_id', a.organisation_id, 'name', a.name,
      'credit_code', o.credit_code, 'state', a.state, 'categories', a.categories, 'region', a.region,
      'legal_representative', a.legal_representative, 'phone', a.phone, 'address', a.address,
      'controller_group', a.controller_group, 'credit_points', a.credit_points,
      'rating', r.rating, 'ratings', r.ratings, 'orders', r.orders, 'volume_fen', r.volume_fen,
      'certificates', (SELECT coalesce(json_agg(api.certificate_json(x, at) ORDER BY x.qualification_code, x.id), '[]')
        FROM market.certificate x
       WHERE x.agency_id = a.id AND (x.state = 'valid' OR a.organisation_id = c.org_id OR api.supervises(c))),
      'notice_until', api.utc(a.notice_until), 'version', a.version, 'registered_at', api.utc(a.registered_at))
    || CASE WHEN a.check_reason IS NOT NULL AND (a.organisation_id = c.org_id OR api.supervises(c))
       THEN jsonb_build_object('check_reason', a.check_reason) ELSE '{}' END
    || CASE WHEN api.supervises(c) THEN jsonb_build_object('warnings', api.agency_warnings(a, at),
       'related', api.agency_related(a)) ELSE '{}' END)::text
    FROM market.organisation o, api.agency_record(a.id) r WHERE o.id = a.organisation_id);
END $$;

-- The journal's entry of a move.  The legal representative is a person and stays out.
CREATE FUNCTION api.agency_entry(a market.agency, event text, actor text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.entry('agency-state', a.id, actor, at, api.canon(jsonb_build_object(
    'agency', a.id, 'event', event, 'state', a.state, 'version', a.version, 'name', a.name,
    'credit_code', (SELECT o.credit_code FROM market.organisation o WHERE o.id = a.organisation_id),
    'categories', a.categories, 'region', a.region, 'controller_group', a.controller_group,
    'notice_until', api.utc(a.notice_until),
    'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('qualification', x.qualification_code,
        'grade', x.grade, 'issuer', x.issuer, 'number', x.number, 'expires_on', x.expires_on) ORDER BY x.id), '[]')
      FROM market.certificate x WHERE x.agency_id = a.id AND x.state = 'valid'))) || E'\n');
END $$;

-- Known codes, each once, at least one; in the order of codes.
CREATE FUNCTION api.categories_take(names jsonb) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE unknown int; codes text[];
BEGIN
  SELECT array_agg(DISTINCT n.value COLLATE "C"), min(n.ordinality) FILTER (WHERE c.code IS NULL) - 1
    INTO codes, unknown
    FROM jsonb_array_elements_text(names) WITH ORDINALITY n LEFT JOIN market.category c ON c.code = n.value;
  IF unknown IS NOT NULL OR codes IS NULL THEN
    PERFORM api.refuse('rule', 'AG1', '/categories' || coalesce('/' || unknown, ''),
      '须填写已有的机构类别', 'known categories are needed, at least one');
  END IF;
  RETURN codes;
END $$;

CREATE FUNCTION api.agency_register(caller text, need int, idem text, hash bytea, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.organisation; a market.agency; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  SELECT * INTO STRICT o FROM market.organisation p WHERE p.id = c.org_id FOR UPDATE;
  t := api.now();
  IF o.kind <> 'agency' THEN
    PERFORM api.refuse('rule', 'AG1', '', '本单位不是中介服务机构', 'the organisation is not an agency');
  END IF;
  PERFORM api.region_known(body ->> 'region', '/region');
  INSERT INTO market.agency (id, organisation_id, name, state, categories, region, legal_representative,
    phone, address, search, registered_at, recorded_at)
  VALUES (api.new_id('agc'), o.id, o.name, 'draft', api.categories_take(body -> 'categories'),
    body ->> 'region', body ->> 'legal_representative', body ->> 'phone', body ->> 'address',
    api.normal(o.name || ' ' || o.credit_code), t, t)
  ON CONFLICT ON CONSTRAINT agency_organisation DO NOTHING
  RETURNING * INTO a;
  IF NOT FOUND THEN
    PERFORM api.refuse('duplicate', 'AG1', '', '本单位已登记为机构', 'the organisation is registered already');
  END IF;
  RETURN api.finish(c, 201, a.version, api.agency_json(a, c, t));
END $$;

-- The caller's own agency, locked; another's is not found.
CREATE FUNCTION api.agency_own(c api.ctx, id text) RETURNS market.agency LANGUAGE plpgsql AS $$
DECLARE a market.agency;
BEGIN
  SELECT * INTO a FROM market.agency b
   WHERE b.id = agency_own.id AND b.organisation_id = c.org_id FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此机构', 'there is no such agency');
  END IF;
  RETURN a;
END $$;

CREATE FUNCTION api.agency_edit(caller text, need int, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; a market.agency;
BEGIN
  c := api.begin(caller, need, NULL, NULL);
  a := api.agency_own(c, agency_edit.id);
  PERFORM api.match(if_match, a.version);
  a.state := api.move('agency', a.state, 'edit');
  PERFORM api.region_known(body ->> 'region', '/region');
  UPDATE market.agency b
     SET legal_representative = coalesce(body ->> 'legal_representative', b.legal_representative),
       phone = coalesce(body ->> 'phone', b.phone), address = coalesce(body ->> 'address', b.address),
       region = coalesce(body ->> 'region', b.region),
       categories = CASE WHEN body ? 'categories' THEN api.categories_take(body -> 'categories') ELSE b.categories END,
       version = b.version + 1
   WHERE b.id = a.id RETURNING * INTO a;
  RETURN api.finish(c, 200, a.version, api.agency_json(a, c, api.now()));
END $$;

-- Draft or active; a new certificate counts only after a check passed it.
CREATE FUNCTION api.agency_certify(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE
  c api.ctx; a market.agency; q market.qualification; t timestamptz;
  grade text := body ->> 'grade'; expires date := (body ->> 'expires_on')::date;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  a := api.agency_own(c, agency_certify.id);
  t := api.now();
  a.state := api.move('agency', a.state, 'certify');
  SELECT * INTO q FROM market.qualification r WHERE r.code = body ->> 'qualification';
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'AG1', '/qualification', '没有此资质', 'there is no such qualification');
  END IF;
  IF (cardinality(q.grades) > 0 OR grade IS NOT NULL) AND (grade = ANY (q.grades)) IS NOT TRUE THEN
    PERFORM api.refuse('rule', 'AG1', '/grade', '等级应为：' || array_to_string(q.grades, '、'),
      CASE WHEN cardinality(q.grades) = 0 THEN 'the qualification has no grades'
        ELSE 'the grade must be one of ' || array_to_string(q.grades, ', ') END);
  END IF;
  IF t >= (expires + 1)::timestamp AT TIME ZONE interval '8 hours' THEN
    PERFORM api.refuse('rule', 'AG1', '/expires_on', '证书已过期', 'the certificate is expired');
  END IF;
  IF (SELECT count(*) FROM market.certificate x WHERE x.agency_id = a.id) >= 200 THEN
    PERFORM api.refuse('rule', 'AG1', '', '证书最多 200 份', 'an agency has at most 200 certificates');
  END IF;
  INSERT INTO market.certificate (id, agency_id, qualification_code, grade, issuer, number, expires_on, recorded_at)
  VALUES (api.new_id('crt'), a.id, q.code, grade, body ->> 'issuer', body ->> 'number', expires, t)
  ON CONFLICT (qualification_code, issuer, number) WHERE state <> 'refused' DO NOTHING;
  IF NOT FOUND THEN
    PERFORM api.refuse('duplicate', 'AG1', '/number', '该证书已登记', 'this certificate is entered already');
  END IF;
  UPDATE market.agency b SET version = b.version + 1 WHERE b.id = a.id RETURNING * INTO a;
  RETURN api.finish(c, 201, a.version, api.agency_json(a, c, t));
END $$;

CREATE FUNCTION api.agency_submit(caller text, need int, idem text, hash bytea, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; a market.agency; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  a := api.agency_own(c, agency_submit.id);
  t := api.now();
  UPDATE market.agency b SET state = api.move('agency', a.state, 'submit'), check_reason = NULL, version = b.version + 1
   WHERE b.id = a.id RETURNING * INTO a;
  PERFORM api.agency_entry(a, 'submit', c.actor, t);
  RETURN api.finish(c, 200, a.version, api.agency_json(a, c, t));
END $$;

-- Puts two agencies, both locked, under one control; whole groups join.
CREATE FUNCTION api.agency_join(a market.agency, other text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE b market.agency; g text;
BEGIN
  SELECT * INTO b FROM market.agency x WHERE x.id = other;
  IF NOT FOUND OR b.id = a.id THEN
    PERFORM api.refuse('rule', 'AG2', '/group_with', '没有此机构', 'there is no such other agency');
  END IF;
  g := coalesce(b.controller_group, a.controller_group, api.new_id('grp'));
  UPDATE market.agency x SET controller_group = g, version = x.version + (x.id <> a.id)::int
   WHERE x.controller_group IS DISTINCT FROM g
     AND (x.id IN (a.id, b.id) OR x.controller_group IN (a.controller_group, b.controller_group));
END $$;

-- A registration in checking goes to the public notice or back to draft.  An active agency is
-- checked again when it has new certificates; it stays active either way.
CREATE FUNCTION api.agency_check(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE
  c api.ctx; a market.agency; o market.organisation; t timestamptz;
  event text := body ->> 'decision'; source text; target text;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  -- Both of a group in one order, so that two checks cannot wait for each other.
  PERFORM 1 FROM market.agency x WHERE x.id IN (agency_check.id, body ->> 'group_with') ORDER BY x.id FOR UPDATE;
  SELECT * INTO a FROM market.agency b WHERE b.id = agency_check.id;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此机构', 'there is no such agency');
  END IF;
  t := api.now();
  PERFORM api.match(if_match, a.version);
  source := a.state;
  target := api.move('agency', source, event);
  IF source = 'active' AND NOT EXISTS (SELECT FROM market.certificate x WHERE x.agency_id = a.id AND x.state = 'pending') THEN
    PERFORM api.refuse('wrong-state', 'AG2', '', '没有待审查的变更', 'there is nothing to check');
  END IF;
  IF event = 'refuse' AND body ->> 'reason' IS NULL THEN
    PERFORM api.refuse('rule', 'AG2', '/reason', '不予通过须说明理由', 'a refusal says why');
  END IF;
  IF event = 'pass' THEN
    SELECT * INTO STRICT o FROM market.organisation p WHERE p.id = a.organisation_id FOR UPDATE;
    IF api.credit_code(o.credit_code) = 'check' AND coalesce(o.credit_code_override, body ->> 'override') IS NULL THEN
      PERFORM api.refuse('credit-code-check', 'AG2', '/override', '信用代码校验位不符；通过须说明理由',
        'the check character of the credit code is wrong; passing it needs a reason');
    END IF;
    IF api.credit_code(o.credit_code) = 'check' AND o.credit_code_override IS NULL THEN
      UPDATE market.organisation p SET credit_code_override = body ->> 'override', version = p.version + 1 WHERE p.id = o.id;
    END IF;
    IF body ->> 'group_with' IS NOT NULL THEN
      PERFORM api.agency_join(a, body ->> 'group_with');
    END IF;
  END IF;
  UPDATE market.certificate x SET state = CASE event WHEN 'pass' THEN 'valid' ELSE 'refused' END
   WHERE x.agency_id = a.id AND x.state = 'pending';
  UPDATE market.agency b SET state = target, check_reason = body ->> 'reason', version = b.version + 1,
    notice_until = CASE WHEN target = 'notice' THEN api.due(api.policy_of_market(), 'agency_notice', t) ELSE b.notice_until END
   WHERE b.id = a.id RETURNING * INTO a;
  IF target = 'notice' THEN
    PERFORM api.job_plan('agency_activate', a.id, a.notice_until);
  END IF;
  PERFORM api.agency_entry(a, event, c.actor, t);
  RETURN api.finish(c, 200, a.version, api.agency_json(a, c, t));
END $$;

-- AG3.  Early: the timer is planned again.  In another state: the timer goes.
CREATE FUNCTION api.job_agency_activate(subject text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE a market.agency; t timestamptz;
BEGIN
  SELECT * INTO a FROM market.agency b WHERE b.id = subject FOR UPDATE;
  t := api.now();
  IF a.state = 'notice' AND t < a.notice_until THEN
    PERFORM api.job_plan('agency_activate', subject, a.notice_until);
    RETURN false;
  END IF;
  PERFORM api.job_plan('agency_activate', subject, NULL);
  IF a.state IS DISTINCT FROM 'notice' THEN
    RETURN false;
  END IF;
  UPDATE market.agency b SET state = api.move('agency', a.state, 'activate'), version = b.version + 1
   WHERE b.id = a.id RETURNING * INTO a;
  PERFORM api.agency_entry(a, 'activate', 'clock', t);
  RETURN true;
END $$;

-- draft and checking are seen by the agency itself and by supervisors.
CREATE FUNCTION api.agency_get(caller text, id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); a market.agency;
BEGIN
  SELECT * INTO a FROM market.agency b
   WHERE b.id = agency_get.id
     AND (b.state NOT IN ('draft', 'checking') OR b.organisation_id = c.org_id OR api.supervises(c));
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此机构', 'there is no such agency');
  END IF;
  RETURN ROW(a.version, api.agency_json(a, c, api.now()), NULL)::api.view;
END $$;

-- pending: those with certificates to check.
CREATE FUNCTION api.agency_list(caller text, search text, category text, region text, state text,
  pending boolean, asked int, cursor text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE
  c api.ctx := api.reader(caller);
  after text[] := api.cursor_parts(cursor, '^agency ([0-9]{1,18}) ([A-Za-z0-9_]{1,64})$');
  words text := api.normal(search); wanted text := coalesce(state, 'active');
  keys text[]; items json[];
BEGIN
  IF (wanted IN ('draft', 'checking') OR coalesce(pending, false)) AND NOT api.supervises(c) THEN
    PERFORM api.refuse('forbidden', '', CASE WHEN coalesce(pending, false) THEN 'pending' ELSE 'state' END,
      '仅监管角色可查询', 'only supervisors may ask for these');
  END IF;
  SELECT array_agg('agency ' || api.us(a.registered_at) || ' ' || a.id ORDER BY a.registered_at, a.id),
      array_agg(json_build_object('id', a.id, 'name', a.name, 'credit_code', o.credit_code, 'state', a.state,
        'categories', a.categories, 'region', a.region, 'credit_points', a.credit_points, 'rating', r.rating,
        'orders', r.orders, 'notice_until', api.utc(a.notice_until),
        'registered_at', api.utc(a.registered_at)) ORDER BY a.registered_at, a.id)
    INTO keys, items
    FROM (SELECT * FROM market.agency b
           WHERE b.state = wanted
             AND (after IS NULL OR (api.us(b.registered_at), b.id) > (after[1]::bigint, after[2]))
             AND (category IS NULL OR category = ANY (b.categories))
             AND (agency_list.region IS NULL OR b.region = agency_list.region)
             AND (words IS NULL OR strpos(b.search, words) > 0)
             AND (NOT coalesce(pending, false) OR EXISTS (SELECT FROM market.certificate x
               WHERE x.agency_id = b.id AND x.state = 'pending'))
           ORDER BY b.registered_at, b.id LIMIT coalesce(asked, 50) + 1) a
    JOIN market.organisation o ON o.id = a.organisation_id, api.agency_record(a.id) r;
  RETURN api.page(keys, items, asked);
END $$;
