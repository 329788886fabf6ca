-- Settings of the market, policy profiles, and the arithmetic of periods.  lib/policy/calendar.c
-- computes the same in C; tests/sql/policy_test.c compares the two.

-- What the one who runs the market decided (market.setting): null when nothing was.
CREATE FUNCTION api.market_setting(name text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT s.value FROM market.setting s WHERE s.key = name
$$;
CREATE FUNCTION api.demo_on() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(api.market_setting('demo'), 'off') = 'on'
$$;

-- The profile in force under this name.  demo counts in seconds and is for markets that say so.
CREATE FUNCTION api.policy(profile text) RETURNS market.policy LANGUAGE plpgsql STABLE AS $$
DECLARE p market.policy;
BEGIN
  SELECT * INTO p FROM market.policy q
   WHERE q.name = profile AND q.in_force AND NOT q.synthetic ORDER BY q.version DESC LIMIT 1;
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'policy.profile', '/profile', '没有名为 ' || profile || ' 的现行政策参数',
      'no policy profile ' || profile || ' is in force');
  END IF;
  IF profile = 'demo' AND NOT api.demo_on() THEN
    PERFORM api.refuse('rule', 'policy.demo', '/profile', '本市场不允许演示参数',
      'this market does not allow the profile demo');
  END IF;
  RETURN p;
END $$;

-- The profile a project was opened under, in force or not.
CREATE FUNCTION api.policy_by_hash(hash bytea) RETURNS market.policy LANGUAGE plpgsql STABLE AS $$
DECLARE p market.policy;
BEGIN
  SELECT * INTO p FROM market.policy q WHERE q.hash = policy_by_hash.hash;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', 'policy.hash', '', '没有此散列的政策参数', 'no policy profile has this hash');
  END IF;
  RETURN p;
END $$;

-- The profile for what belongs to no project (registrations, credit): the setting profile, else
-- demo where that is allowed, else cn-default.
CREATE FUNCTION api.policy_of_market() RETURNS market.policy LANGUAGE sql STABLE AS $$
  SELECT api.policy(coalesce(api.market_setting('profile'),
    CASE WHEN api.demo_on() THEN 'demo' ELSE 'cn-default' END))
$$;

CREATE FUNCTION api.setting(p market.policy, key text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.settings ->> key IS NULL THEN
    PERFORM api.refuse('rule', 'policy.key', '', '政策参数 ' || p.name || ' 没有 ' || key,
      'policy profile ' || p.name || ' has no ' || key);
  END IF;
  RETURN p.settings ->> key;
END $$;
CREATE FUNCTION api.setting_int(p market.policy, key text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT api.setting(p, key)::bigint
$$;

-- Hours ahead of UTC.  An interval, since POSIX reads the sign of a zone's text the other way.
CREATE FUNCTION api.zone(p market.policy) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT ltrim(api.setting(p, 'zone'), '+')::interval
$$;

-- A period in s, h or d (of 24 hours).
CREATE FUNCTION api.span(p market.policy, key text) RETURNS interval LANGUAGE plpgsql STABLE AS $$
DECLARE part text[] := regexp_match(api.setting(p, key), '^([0-9]{1,7})([shd])$');
BEGIN
  IF part IS NULL THEN
    PERFORM api.refuse('rule', 'policy.span', '', key || ' 不是以秒、时、日计的期限',
      key || ' is not a period in seconds, hours or days');
  END IF;
  RETURN part[1]::bigint * CASE part[2] WHEN 's' THEN interval '1 second' WHEN 'h' THEN interval '1 hour'
    ELSE interval '24 hours' END;
END $$;

-- A day is worked if the calendar says so, free if it says so, else follows its day of the week.
CREATE FUNCTION api.is_working_day(d date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE said text;
BEGIN
  IF NOT EXISTS (SELECT FROM market.calendar_range r WHERE d BETWEEN r.first_day AND r.last_day) THEN
    PERFORM api.refuse('calendar-not-loaded', 'policy.calendar', '', '日历数据未覆盖 ' || d,
      'the calendar does not cover ' || d);
  END IF;
  SELECT c.kind INTO said FROM market.calendar_day c WHERE c.day = d;
  RETURN coalesce(said = 'workday', extract(isodow FROM d) < 6);
END $$;

-- When a period that starts now ends.  N working days end at 24:00 of the N-th working day after
-- the day of the start, in the profile's zone; the walk ends at the calendar's end at the latest.
CREATE FUNCTION api.due(p market.policy, key text, start timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  part text[] := regexp_match(api.setting(p, key), '^([0-9]{1,7})wd$');
  d date; n int;
BEGIN
  IF part IS NULL THEN
    RETURN start + api.span(p, key);
  END IF;
  n := part[1]::int;
  d := (start AT TIME ZONE api.zone(p))::date;
  WHILE n > 0 LOOP
    d := d + 1;
    n := n - api.is_working_day(d)::int;
  END LOOP;
  RETURN (d + 1)::timestamp AT TIME ZONE api.zone(p);
END $$;

CREATE FUNCTION api.policy_json(p market.policy) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('name', p.name, 'version', p.version, 'hash', encode(p.hash, 'hex'),
    'in_force', p.in_force, 'text', p.body, 'settings', (
      SELECT coalesce(json_agg(json_build_object('key', s.key, 'value', s.value) ORDER BY s.key COLLATE "C"), '[]')
        FROM jsonb_each_text(p.settings) s)));
END $$;

CREATE FUNCTION api.policy_list() RETURNS api.view LANGUAGE sql STABLE AS $$
  SELECT api.whole(json_agg(api.policy_json(p) ORDER BY p.name)) FROM market.policy p
   WHERE p.in_force AND NOT p.synthetic AND (p.name <> 'demo' OR api.demo_on())
$$;

-- id: a profile's name, for the one in force; or a hash, for any that ever was.
CREATE FUNCTION api.policy_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE p market.policy;
BEGIN
  SELECT * INTO p FROM market.policy q
   WHERE (q.name = id AND q.in_force AND NOT q.synthetic) OR encode(q.hash, 'hex') = id;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此政策参数', 'there is no such policy profile');
  END IF;
  RETURN ROW(p.version, api.policy_json(p)::text, NULL)::api.view;
END $$;
