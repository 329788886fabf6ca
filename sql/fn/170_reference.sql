-- What the one who runs the market brings in from outside: reference data, the first operator,
-- settings.  Not for the daemon's roles, though their statements name these functions: each asks
-- for the migrator first.

CREATE FUNCTION api.migrator_only() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT pg_has_role(session_user, 'fairlot_migrator', 'USAGE') THEN
    PERFORM api.refuse('forbidden', 'admin.role', '', '仅限 fairlot_migrator', 'only fairlot_migrator may do this');
  END IF;
END $$;

-- A member that must not be empty; pointer names row (from 0) and column.
CREATE FUNCTION api.reference_text(r jsonb, n bigint, name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF coalesce(r ->> name, '') = '' THEN
    PERFORM api.refuse('bad-input', 'reference.empty', '/' || n || '/' || name, '不能为空', 'it must not be empty');
  END IF;
  RETURN r ->> name;
END $$;
CREATE FUNCTION api.reference_wrong(n bigint, name text, zh text, en text) RETURNS void LANGUAGE sql AS $$
  SELECT api.refuse('bad-input', 'reference.' || name, '/' || n || '/' || name, zh, en)
$$;

-- Each takes the rows of one file as an array of objects of texts and returns how many it changed.
-- Codes are never removed, since agencies and projects name them.
CREATE FUNCTION api.reference_categories(lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; n int := 0;
BEGIN
  PERFORM api.migrator_only();
  FOR r IN SELECT e.value AS v, e.ordinality - 1 AS at FROM jsonb_array_elements(lines) WITH ORDINALITY e LOOP
    INSERT INTO market.category AS c (code, name_zh, name_en)
    VALUES (api.reference_text(r.v, r.at, 'code'), api.reference_text(r.v, r.at, 'name_zh'), api.reference_text(r.v, r.at, 'name_en'))
    ON CONFLICT ON CONSTRAINT category_pk DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en
     WHERE (c.name_zh, c.name_en) IS DISTINCT FROM (excluded.name_zh, excluded.name_en);
    n := n + FOUND::int;
  END LOOP;
  RETURN n;
END $$;

CREATE FUNCTION api.reference_regions(lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; n int := 0;
BEGIN
  PERFORM api.migrator_only();
  FOR r IN SELECT e.value AS v, e.ordinality - 1 AS at FROM jsonb_array_elements(lines) WITH ORDINALITY e LOOP
    IF r.v ->> 'code' !~ '^[0-9]{6}$' THEN
      PERFORM api.reference_wrong(r.at, 'code', '应为六位数字', 'a region has six digits');
    END IF;
    INSERT INTO market.region AS c (code, name_zh, name_en)
    VALUES (api.reference_text(r.v, r.at, 'code'), api.reference_text(r.v, r.at, 'name_zh'), api.reference_text(r.v, r.at, 'name_en'))
    ON CONFLICT ON CONSTRAINT region_pk DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en
     WHERE (c.name_zh, c.name_en) IS DISTINCT FROM (excluded.name_zh, excluded.name_en);
    n := n + FOUND::int;
  END LOOP;
  RETURN n;
END $$;

-- grades: best first, separated by '|'.
CREATE FUNCTION api.reference_qualifications(lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; n int := 0;
BEGIN
  PERFORM api.migrator_only();
  FOR r IN SELECT e.value AS v, e.ordinality - 1 AS at,
      coalesce(string_to_array(nullif(e.value ->> 'grades', ''), '|'), '{}') AS grades
    FROM jsonb_array_elements(lines) WITH ORDINALITY e LOOP
    IF '' = ANY (r.grades) OR cardinality(r.grades) <> (SELECT count(DISTINCT g) FROM unnest(r.grades) g) THEN
      PERFORM api.reference_wrong(r.at, 'grades', '等级为空或重复', 'a grade is empty or stands twice');
    END IF;
    INSERT INTO market.qualification AS q (code, name_zh, name_en, grades)
    VALUES (api.reference_text(r.v, r.at, 'code'), api.reference_text(r.v, r.at, 'name_zh'),
      api.reference_text(r.v, r.at, 'name_en'), r.grades)
    ON CONFLICT ON CONSTRAINT qualification_pk DO UPDATE
      SET name_zh = excluded.name_zh, name_en = excluded.name_en, grades = excluded.grades
     WHERE (q.name_zh, q.name_en, q.grades) IS DISTINCT FROM (excluded.name_zh, excluded.name_en, excluded.grades);
    n := n + FOUND::int;
  END LOOP;
  RETURN n;
END $$;

-- "测绘资质 乙级" is a qualification and its least grade; several are separated by '|' (any of
-- them) or '；' (all of them).
CREATE FUNCTION api.reference_rule(asked text, n bigint) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text; name text[]; q market.qualification; parts jsonb := '[]';
BEGIN
  IF coalesce(asked, '') = '' THEN
    RETURN NULL;
  END IF;
  IF strpos(asked, '|') > 0 AND strpos(asked, '；') > 0 THEN
    PERFORM api.reference_wrong(n, 'required_qualification', '不能同时用 | 和 ；', 'either | or ；');
  END IF;
  FOREACH part IN ARRAY regexp_split_to_array(asked, '[|；]') LOOP
    name := string_to_array(part, ' ');
    SELECT * INTO q FROM market.qualification r WHERE r.name_zh = name[1];
    IF NOT FOUND OR cardinality(name) > 2 OR (name[2] IS NOT NULL AND NOT name[2] = ANY (q.grades)) THEN
      PERFORM api.reference_wrong(n, 'required_qualification', '没有此资质或等级：' || part,
        'no such qualification or grade: ' || part);
    END IF;
    parts := parts || jsonb_build_array(jsonb_build_object('qualification', q.code, 'grade', name[2]));
  END LOOP;
  RETURN jsonb_build_object(CASE WHEN strpos(asked, '|') > 0 THEN 'any' ELSE 'all' END, parts);
END $$;

-- A new version of an item becomes the newest and enters the journal.
CREATE FUNCTION api.item_put(i market.item) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.item j SET newest = false WHERE j.code = i.code AND j.newest;
  INSERT INTO market.item SELECT (i).*;
  PERFORM api.entry('item', i.code || '.' || i.version, 'operator', i.recorded_at,
    api.canon(to_jsonb(i) - '{search,newest,recorded_at}'::text[]) || E'\n');
END $$;

-- A changed row becomes a new version, one that is gone a version that is not active.
CREATE FUNCTION api.reference_items(lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; i market.item; old market.item; n int := 0; t timestamptz := api.now();
BEGIN
  PERFORM api.migrator_only();
  FOR r IN SELECT e.value AS v, e.ordinality - 1 AS at FROM jsonb_array_elements(lines) WITH ORDINALITY e LOOP
    IF r.v ->> 'working_days' !~ '^[1-9][0-9]{0,3}$' THEN
      PERFORM api.reference_wrong(r.at, 'working_days', '应为 1 至 9999', 'it must be 1 to 9999');
    END IF;
    IF NOT EXISTS (SELECT FROM market.category c WHERE c.code = r.v ->> 'category_code') THEN
      PERFORM api.reference_wrong(r.at, 'category_code', '没有此类别', 'there is no such category');
    END IF;
    i := ROW(api.reference_text(r.v, r.at, 'code'), 1, true, true, r.v ->> 'category_code',
      api.reference_text(r.v, r.at, 'name_zh'), api.reference_text(r.v, r.at, 'name_en'),
      api.reference_text(r.v, r.at, 'legal_basis'), api.reference_text(r.v, r.at, 'approval_item'),
      api.reference_text(r.v, r.at, 'approval_department'), api.reference_text(r.v, r.at, 'service_mode'),
      (r.v ->> 'working_days')::int, api.reference_rule(r.v ->> 'required_qualification', r.at), '', t);
    i.search := api.normal(concat_ws(' ', i.code, i.name_zh, i.name_en, i.legal_basis, i.approval_item, i.approval_department));
    SELECT * INTO old FROM market.item j WHERE j.code = i.code AND j.newest FOR UPDATE;
    i.version := coalesce(old.version + 1, 1);
    IF to_jsonb(i) - '{version,recorded_at}'::text[] IS DISTINCT FROM to_jsonb(old) - '{version,recorded_at}'::text[] THEN
      PERFORM api.item_put(i);
      n := n + 1;
    END IF;
  END LOOP;
  FOR old IN SELECT * FROM market.item j WHERE j.newest AND j.active
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(lines) e WHERE e ->> 'code' = j.code) ORDER BY j.code LOOP
    old.version := old.version + 1; old.active := false; old.recorded_at := t;
    PERFORM api.item_put(old);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;

-- The file holds whole years: each year it names is loaded from its first to its last day.
CREATE FUNCTION api.reference_calendar(lines jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE r record; n int := 0; gone int; d date;
BEGIN
  PERFORM api.migrator_only();
  FOR r IN SELECT e.value AS v, e.ordinality - 1 AS at FROM jsonb_array_elements(lines) WITH ORDINALITY e LOOP
    BEGIN
      d := CASE WHEN r.v ->> 'date' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN (r.v ->> 'date')::date END;
    EXCEPTION WHEN datetime_field_overflow THEN
      d := NULL;
    END;
    IF d IS NULL THEN
      PERFORM api.reference_wrong(r.at, 'date', '不是日期', 'it is no date');
    END IF;
    IF coalesce(r.v ->> 'kind', '') NOT IN ('holiday', 'workday') OR (r.v ->> 'kind' = 'workday' AND extract(isodow FROM d) < 6) THEN
      PERFORM api.reference_wrong(r.at, 'kind', '应为 holiday，或周末的 workday', 'it is holiday, or workday on a weekend');
    END IF;
    INSERT INTO market.calendar_day AS c (day, kind, name_zh) VALUES (d, r.v ->> 'kind', api.reference_text(r.v, r.at, 'name_zh'))
    ON CONFLICT ON CONSTRAINT calendar_day_pk DO UPDATE SET kind = excluded.kind, name_zh = excluded.name_zh
     WHERE (c.kind, c.name_zh) IS DISTINCT FROM (excluded.kind, excluded.name_zh);
    n := n + FOUND::int;
  END LOOP;
  INSERT INTO market.calendar_range (first_day, last_day)
  SELECT DISTINCT make_date(y.year, 1, 1), make_date(y.year, 12, 31)
    FROM (SELECT left(e ->> 'date', 4)::int AS year FROM jsonb_array_elements(lines) e) y
  ON CONFLICT ON CONSTRAINT calendar_range_pk DO NOTHING;
  DELETE FROM market.calendar_day c
   WHERE extract(year FROM c.day)::int IN (SELECT left(e ->> 'date', 4)::int FROM jsonb_array_elements(lines) e)
     AND c.day NOT IN (SELECT (e ->> 'date')::date FROM jsonb_array_elements(lines) e);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN n + gone;
END $$;

-- rules: rules.txt as lib/policy builds it.  A changed text is a new version, in force from now;
-- an older text given again comes into force again.
CREATE FUNCTION api.reference_policy(name text, rules text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  digest bytea := sha256(convert_to(rules, 'UTF8')); t timestamptz := api.now();
  line text[] := string_to_array(rules, E'\n'); settings jsonb; v int;
BEGIN
  PERFORM api.migrator_only();
  IF line[1] <> 'fairlot-policy/v1' OR line[cardinality(line)] <> '' THEN
    PERFORM api.refuse('bad-input', 'reference.policy', '', '不是 fairlot-policy/v1 文本', 'it is no text fairlot-policy/v1');
  END IF;
  SELECT jsonb_object_agg(split_part(l, ' ', 1), substr(l, strpos(l, ' ') + 1)) INTO settings
    FROM unnest(line[2:cardinality(line) - 1]) l;
  IF EXISTS (SELECT FROM market.policy p WHERE p.hash = digest AND p.in_force) THEN
    RETURN 0;
  END IF;
  UPDATE market.policy p SET in_force = false WHERE p.name = reference_policy.name AND p.in_force AND NOT p.synthetic;
  UPDATE market.policy p SET in_force = true WHERE p.hash = digest AND p.name = reference_policy.name RETURNING p.version INTO v;
  IF v IS NULL THEN
    SELECT coalesce(max(p.version), 0) + 1 INTO v FROM market.policy p WHERE p.name = reference_policy.name;
    INSERT INTO market.policy (hash, name, version, body, settings, recorded_at)
    VALUES (digest, reference_policy.name, v, rules, settings, t);
  END IF;
  PERFORM api.entry('policy', reference_policy.name || '.' || v, 'operator', t, rules);
  RETURN 1;
END $$;

-- The timer that no object knows: idempotency keys go after 72 hours.
CREATE FUNCTION api.reference_end() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.migrator_only();
  IF NOT EXISTS (SELECT FROM market.job j WHERE j.kind = 'key_purge') THEN
    PERFORM api.job_plan('key_purge', 'market', api.now() + interval '1 hour');
  END IF;
END $$;

-- The first operator: later organisations are entered by an operator through the interface.
-- Prints the key once; here comes only its hash.
CREATE FUNCTION api.admin_operator(name text, credit_code text, credit_code_override text, user_name text,
  secret_hash bytea) RETURNS TABLE (organisation text, "user" text, key text) LANGUAGE plpgsql AS $$
DECLARE o market.organisation; u market.person; k market.api_key; t timestamptz;
BEGIN
  PERFORM api.migrator_only();
  LOCK TABLE market.organisation IN SHARE ROW EXCLUSIVE MODE;
  t := api.now();
  IF EXISTS (SELECT FROM market.organisation p WHERE p.kind = 'operator') THEN
    PERFORM api.refuse('wrong-state', 'admin.operator', '', '已有运营方', 'there is an operator already');
  END IF;
  o := api.organisation_enter(jsonb_build_object('kind', 'operator', 'name', name, 'credit_code', credit_code,
    'credit_code_override', credit_code_override), t);
  u := api.user_enter(o, user_name, 4, t);
  k := api.key_enter(u, 'first', 4, NULL, secret_hash, '{}', t);
  RETURN QUERY SELECT o.id, u.id, k.id;
END $$;

-- The VRF key that the operator contributes to draws with, announced in the journal the first time.
CREATE FUNCTION api.key_announce(public_key bytea, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.draw_key k SET retired_at = at
   WHERE k.name = 'operator' AND k.public_key <> key_announce.public_key AND k.retired_at IS NULL;
  INSERT INTO market.draw_key (public_key, name, announced_at) VALUES (key_announce.public_key, 'operator', at)
  ON CONFLICT ON CONSTRAINT draw_key_pk DO NOTHING;
  IF FOUND THEN
    PERFORM api.entry('key-announced', 'operator', 'operator', at, api.canon(jsonb_build_object(
      'kind', 'vrf-p256', 'name', 'operator', 'public_key', encode(key_announce.public_key, 'hex'))) || E'\n');
  END IF;
END $$;

-- demo on|off, profile (for what belongs to no project), origin (of the journal), operator_key (hex
-- of the operator's VRF public key), log_vkey and receipt_vkey (as verifiers are given them), witnesses,
-- beacons, beacon_delay, nist_pulse (of draws; 241_beacon.sql).  The origin stays once the journal has
-- entries under it, and the log's key for ever: a daemon with another one does not sequence.
CREATE FUNCTION api.admin_setting(key text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  form text := CASE key WHEN 'demo' THEN '^(on|off)$' WHEN 'profile' THEN '^[a-z0-9][a-z0-9-]{0,63}$'
    WHEN 'origin' THEN '^[a-z0-9.-]+(/[A-Za-z0-9._-]+)*$' WHEN 'operator_key' THEN '^0[23][0-9a-f]{64}$'
    WHEN 'log_vkey' THEN '^[!-~]+$' WHEN 'receipt_vkey' THEN '^[!-~]+$'
    WHEN 'witnesses' THEN '^([A-Za-z0-9][A-Za-z0-9._-]{0,63}( [A-Za-z0-9][A-Za-z0-9._-]{0,63})*)?$'
    WHEN 'beacons' THEN '^((drand|nist)( nist)?)?$' WHEN 'beacon_delay' THEN '^[1-9][0-9]{2,6}$'
    WHEN 'nist_pulse' THEN '^[0-9]{1,15} [0-9]{1,12}$' END;
BEGIN
  PERFORM api.migrator_only();
  IF form IS NULL OR value !~ form THEN
    PERFORM api.refuse('bad-input', 'admin.setting', key, '没有此设置或值不合规', 'no such setting, or not a value of it');
  END IF;
  IF key = 'origin' AND api.market_setting('origin') <> value AND EXISTS (SELECT FROM market.outbox) THEN
    PERFORM api.refuse('wrong-state', 'admin.origin', key, '日志已有条目，来源不可更改',
      'the journal has entries under its origin');
  END IF;
  IF key = 'log_vkey' AND api.market_setting(key) IS NOT NULL THEN
    RETURN false;
  END IF;
  INSERT INTO market.setting AS s (key, value) VALUES (admin_setting.key, admin_setting.value)
  ON CONFLICT ON CONSTRAINT setting_pk DO UPDATE SET value = excluded.value WHERE s.value <> excluded.value;
  IF FOUND AND key = 'operator_key' THEN
    PERFORM api.key_announce(decode(value, 'hex'), api.now());
    RETURN true;
  END IF;
  RETURN FOUND;
END $$;
