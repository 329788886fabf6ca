-- Sign-ups for draws and auctions.  Who signed up stays sealed until the freeze.  A sign-up changes
-- no row that anyone else reads, a version least of all: it would count them.  The freeze compares
-- its lists with the sign-ups as they are when it is written.

-- An answer with what its receipt states: the entry's leaf hash, kind, subject and time.
CREATE TYPE api.receipt_answer AS (status int, version bigint, replayed boolean, body text,
  leaf bytea, kind text, subject text, at text);

-- The answer of a call and the receipt's facts; the time is read from the entry itself, so a
-- replay gives the same.
CREATE FUNCTION api.with_receipt(a api.answer, leaf bytea) RETURNS api.receipt_answer
LANGUAGE plpgsql STABLE AS $$
DECLARE r api.receipt_answer;
BEGIN
  SELECT a.status, a.version, a.replayed, a.body, o.leaf, o.kind, o.subject,
         split_part(convert_from(substring(o.entry FROM 1 FOR position('\x0a'::bytea IN o.entry) - 1), 'UTF8'),
           ' ', 5)
    INTO r FROM market.outbox o WHERE o.leaf = with_receipt.leaf ORDER BY o.id LIMIT 1;
  RETURN r;
END $$;

-- H(tag(kind) || lp(draw) || lp(name) || tail) of docs/DRAW.md: commitments and seals.
CREATE FUNCTION api.draw_seal(kind text, draw text, name text, tail bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to('fairlot-draw/v1/' || kind, 'UTF8') || '\x00'::bytea
    || substring(int4send(octet_length(draw)) FROM 4) || convert_to(draw, 'UTF8')
    || substring(int4send(octet_length(name)) FROM 4) || convert_to(name, 'UTF8') || tail)
$$;

CREATE FUNCTION api.signup_json(s market.signup, draw text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', s.id, 'project_id', s.project_id, 'round', s.round, 'draw_id', draw,
    'agency_id', s.agency_id, 'state', CASE WHEN s.withdrawn_at IS NULL THEN 'active' ELSE 'withdrawn' END,
    'salt', encode(s.salt, 'hex'), 'leaf', encode(s.leaf, 'hex'), 'at', api.utc(s.at),
    'withdrawn_at', api.utc(s.withdrawn_at), 'version', s.version)::text
$$;

-- What a sign-up must satisfy at its moment.  Late is late by the clock, job or no job.
CREATE FUNCTION api.signup_check(p market.project, agency text, t timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE reason text;
BEGIN
  IF p.mode = 'pick' THEN
    PERFORM api.refuse('rule', 'signup.mode', '', '该项目为直接选取，无需报名', 'a pick takes no sign-ups');
  END IF;
  IF t >= p.deadline_at THEN
    PERFORM api.refuse('late', 'signup.deadline', '', '报名已截止', 'the deadline for signing up has passed');
  END IF;
  IF p.state <> 'open' THEN
    PERFORM api.refuse('wrong-state', 'signup.deadline', '', '项目未在报名期', 'the project is not open; it is ' || p.state);
  END IF;
  IF agency IS NULL THEN
    PERFORM api.refuse('ineligible', 'signup.eligible', '', '贵单位未入驻', 'your organisation is not registered as an agency');
  END IF;
  IF api.is_avoided(p, agency) THEN
    PERFORM api.refuse('ineligible', 'signup.avoidance', '', '贵机构在回避名单中', 'the agency stands on the avoidance list');
  END IF;
  reason := api.ineligible(agency, p.item_code, p.item_version, t, p.policy_hash);
  IF reason IS NOT NULL THEN
    PERFORM api.refuse('ineligible', 'signup.eligible', '', '不符合资格条件：' || reason, 'not eligible: ' || reason);
  END IF;
END $$;

CREATE FUNCTION api.signup_create(caller text, need int, idem text, hash bytea, id text, salt bytea)
RETURNS api.receipt_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; s market.signup; t timestamptz;
  agency text; broken text; draw text;
BEGIN
  IF c.done THEN
    RETURN api.with_receipt(api.replay(c), decode(c.body::json->>'leaf', 'hex'));
  END IF;
  p := api.project_take(signup_create.id, c);
  t := api.now();
  agency := api.agency_of(c.org_id);
  PERFORM api.signup_check(p, agency, t);
  draw := api.draw_id(p);
  BEGIN
    INSERT INTO market.signup (id, project_id, round, agency_id, ticket, salt, leaf, at, recorded_at)
    VALUES (api.new_id('sgn'), p.id, p.round, agency, api.ticket(agency), signup_create.salt,
      api.entry('signup', draw, '-', t, api.canon(jsonb_build_object('draw', draw,
        'seal', encode(api.draw_seal('signup', draw, agency, signup_create.salt), 'hex'))) || E'\n'),
      t, t)
    RETURNING * INTO s;
  EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken = 'signup_once' THEN
      PERFORM api.refuse('duplicate', 'signup.once', '', '本轮已报名，撤回后不可再报',
        'the agency signed up in this round already; a withdrawal is final');
    END IF;
    PERFORM api.refuse('duplicate', 'signup.group', '', '同一控制关系的机构已报名',
      'an agency under the same control signed up already');
  END;
  RETURN api.with_receipt(api.finish(c, 201, s.version, api.signup_json(s, draw)), s.leaf);
END $$;

CREATE FUNCTION api.signup_withdraw(caller text, need int, idem text, hash bytea, if_match bigint, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; s market.signup; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  SELECT m.* INTO p FROM market.project m JOIN market.signup u ON u.project_id = m.id
    WHERE u.id = signup_withdraw.id AND u.agency_id = api.agency_of(c.org_id) FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '报名不存在或不可见', 'no such sign-up, or not visible to you');
  END IF;
  SELECT * INTO STRICT s FROM market.signup u WHERE u.id = signup_withdraw.id;
  t := api.now();
  PERFORM api.match(if_match, s.version);
  IF t >= p.deadline_at OR p.round <> s.round THEN
    PERFORM api.refuse('late', 'signup.deadline', '', '报名已截止，不能撤回', 'the deadline has passed; no withdrawal');
  END IF;
  IF p.state <> 'open' OR s.withdrawn_at IS NOT NULL THEN
    PERFORM api.refuse('wrong-state', 'signup.deadline', '', '报名已撤回或项目未在报名期',
      'it is withdrawn already, or the project is not open');
  END IF;
  UPDATE market.signup u SET withdrawn_at = t, version = u.version + 1 WHERE u.id = s.id RETURNING * INTO s;
  RETURN api.finish(c, 200, s.version, api.signup_json(s, api.draw_id(p)));
END $$;

-- How many entries of an item's rule the agencies of a round meet (api.meets, for all at once).
CREATE FUNCTION api.signup_met(p market.project, rule jsonb) RETURNS TABLE (agency_id text, met bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.agency_id, count(DISTINCT e.n)
    FROM jsonb_array_elements(coalesce(rule -> 'any', rule -> 'all')) WITH ORDINALITY e (entry, n)
    JOIN market.qualification q ON q.code = e.entry ->> 'qualification'
    JOIN market.certificate c ON c.qualification_code = q.code AND api.certificate_good(c, p.deadline_at)
    JOIN market.signup s ON s.project_id = p.id AND s.round = p.round AND s.agency_id = c.agency_id
   WHERE e.entry ->> 'grade' IS NULL
      OR array_position(q.grades, c.grade) <= array_position(q.grades, e.entry ->> 'grade')
   GROUP BY c.agency_id
$$;

-- The list as it freezes: every sign-up of the round with the reason that excludes it, or null.
-- Eligibility is judged at the deadline; of one control group the earliest eligible counts.  The
-- reasons are those of api.ineligible, in its order, judged for all at once: a list may have 100,000.
CREATE FUNCTION api.signup_list(p market.project)
RETURNS TABLE (id text, agency_id text, salt bytea, leaf bytea, reason text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE i market.item; least_credit bigint := api.setting_int(api.policy_by_hash(p.policy_hash), 'credit_min');
  entries int; out_of_it text[] := ARRAY(SELECT e->>'agency_id' FROM jsonb_array_elements(p.avoid) e) || api.agency_of(p.owner_id);
BEGIN
  SELECT * INTO STRICT i FROM market.item j WHERE j.code = p.item_code AND j.version = p.item_version;
  entries := CASE WHEN i.rule ? 'any' THEN 1 ELSE coalesce(jsonb_array_length(i.rule -> 'all'), 0) END;
  RETURN QUERY
  WITH judged AS (
    SELECT s.id, s.agency_id, s.salt, s.leaf, s.at, a.controller_group, CASE
        WHEN s.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN s.agency_id = ANY (out_of_it) THEN 'avoided'
        WHEN a.state <> 'active' THEN 'not-active'
        WHEN NOT i.category_code = ANY (a.categories) THEN 'no-category'
        WHEN coalesce(m.met, 0) < entries THEN 'no-qualification'
        WHEN a.credit_points - coalesce(late.points, 0) < least_credit THEN 'low-credit' END AS reason
      FROM market.signup s
      JOIN market.agency a ON a.id = s.agency_id
      LEFT JOIN api.signup_met(p, i.rule) m ON m.agency_id = a.id
      LEFT JOIN (SELECT e.agency_id, sum(e.points) AS points FROM market.credit_event e
        WHERE e.at > p.deadline_at GROUP BY e.agency_id) late ON late.agency_id = a.id
     WHERE s.project_id = p.id AND s.round = p.round)
  SELECT j.id, j.agency_id, j.salt, j.leaf, coalesce(j.reason, CASE WHEN row_number() OVER (
      PARTITION BY j.reason IS NULL, coalesce(j.controller_group, j.agency_id) ORDER BY j.at, j.id) > 1 THEN 'same-group' END)
    FROM judged j ORDER BY j.agency_id COLLATE "C";
END $$;
