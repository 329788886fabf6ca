-- The catalogue pick: the owner picks a listed offer with a reason, the agency answers in time.

-- A refusal that is not raised yet: what api.refuse takes.
CREATE TYPE api.refusal AS (code text, rule text, pointer text, zh text, en text);
CREATE FUNCTION api.fault(code text, rule text, pointer text, zh text, en text) RETURNS api.refusal
LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(code, rule, pointer, zh, en)::api.refusal
$$;

-- What keeps an offer from being picked at a moment; null: nothing.

CREATE FUNCTION api.pick_fault(p market.project, f market.offer, t timestamptz) RETURNS api.refusal
LANGUAGE plpgsql STABLE AS $$
DECLARE reason text; y market.policy := api.policy_by_hash(p.policy_hash);
BEGIN
  IF f.state <> 'listed' OR f.item_code <> p.item_code THEN
    RETURN api.fault('rule', 'pick.offer', '/offer_id', '该报价已下架或不属于本服务事项', 'the offer is withdrawn or of another item');
  END IF;
  IF api.is_avoided(p, f.agency_id) THEN
    RETURN api.fault('ineligible', 'pick.avoidance', '/offer_id', '该机构在回避名单中', 'the agency stands on the avoidance list');
  END IF;
  reason := api.ineligible(f.agency_id, p.item_code, p.item_version, t, p.policy_hash);
  IF reason IS NOT NULL THEN
    RETURN api.fault('ineligible', 'pick.eligible', '/offer_id', '机构不符合资格条件：' || reason, 'the agency is not eligible: ' || reason);
  END IF;
  IF f.price_fen > least(p.ceiling_fen, p.budget_fen) THEN
    RETURN api.fault('rule', 'pick.price', '/offer_id', '报价高于最高限价或预算', 'the price is above the ceiling or the budget');
  END IF;
  IF f.price_fen > api.setting_int(y, 'pick_limit_fen') THEN
    RETURN api.fault('rule', 'pick.limit', '/offer_id', '报价超过直接选取单项限额', 'the price is above the limit of one pick');
  END IF;
  RETURN NULL;
END $$;

-- What this owner's picks of this agency come to in the calendar year of t, pending ones too.
CREATE FUNCTION api.pick_pair_fen(p market.project, agency text, t timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(k.amount_fen), 0)::bigint
    FROM api.policy_by_hash(p.policy_hash) y, market.pick k
    JOIN market.project o ON o.id = k.project_id
    LEFT JOIN market.standing s ON s.project_id = k.project_id AND s.round = k.round AND s.agency_id = k.agency_id
   WHERE o.owner_id = p.owner_id AND k.agency_id = agency
     AND (k.answer = 'accepted' OR k.answer IS NULL AND o.state = 'selecting' AND o.round = k.round)
     AND s.state IS DISTINCT FROM 'declined' AND s.state IS DISTINCT FROM 'disqualified'
     AND date_trunc('year', k.at AT TIME ZONE api.zone(y)) = date_trunc('year', t AT TIME ZONE api.zone(y))
$$;

CREATE FUNCTION api.pick_create(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; f market.offer; t timestamptz;
  y market.policy; fault api.refusal; due timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_own(id, c);
  -- Two picks of one owner at once must see each other in the year's sum.
  PERFORM FROM market.organisation o WHERE o.id = p.owner_id FOR NO KEY UPDATE;
  SELECT * INTO f FROM market.offer o WHERE o.id = body->>'offer_id' FOR SHARE;
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'pick.offer', '/offer_id', '报价不存在', 'there is no such offer');
  END IF;
  t := api.now();
  IF p.mode <> 'pick' OR p.state <> 'selecting' THEN
    PERFORM api.refuse('wrong-state', 'pick.state', '', '项目不在直接选取阶段', 'the project is not waiting for a pick');
  END IF;
  IF EXISTS (SELECT FROM market.pick k WHERE k.project_id = p.id AND k.round = p.round AND k.answer IS NULL) THEN
    PERFORM api.refuse('duplicate', 'pick.one', '', '已有待答复的选取', 'a pick waits for its answer already');
  END IF;
  fault := api.pick_fault(p, f, t);
  IF fault.code IS NOT NULL THEN
    PERFORM api.refuse(fault.code, fault.rule, fault.pointer, fault.zh, fault.en);
  END IF;
  y := api.policy_by_hash(p.policy_hash);
  IF api.pick_pair_fen(p, f.agency_id, t) + f.price_fen > api.setting_int(y, 'pick_pair_year_fen') THEN
    PERFORM api.refuse('rule', 'pick.pair-year', '/offer_id', '超过同一业主与机构的年度限额',
      'above the year''s limit of this owner and this agency');
  END IF;
  due := api.due(y, 'pick_answer', t);
  INSERT INTO market.pick (project_id, round, n, offer_id, agency_id, amount_fen, reason, at, answer_due)
  SELECT p.id, p.round, count(*) + 1, f.id, f.agency_id, f.price_fen, body->>'reason', t, due
    FROM market.pick k WHERE k.project_id = p.id AND k.round = p.round;
  UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id RETURNING * INTO p;
  PERFORM api.job_plan('pick_due', p.id, due);
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, t));
END $$;

-- Settles the pick that waits: accepted, declined or overdue.
CREATE FUNCTION api.pick_settle(p market.project, k market.pick, answer text, why text, t timestamptz)
RETURNS market.project LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.pick m SET answer = pick_settle.answer, answer_reason = why, answered_at = t
    WHERE m.project_id = k.project_id AND m.round = k.round AND m.n = k.n;
  PERFORM api.job_plan('pick_due', p.id, NULL);
  IF answer <> 'accepted' THEN
    UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id RETURNING * INTO p;
    RETURN p;
  END IF;
  INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
  VALUES (p.id, p.round, 1, k.agency_id, k.amount_fen, 'winner', t);
  PERFORM api.entry('result', p.id, 'system:pick', t, api.canon(jsonb_build_object('project', p.id,
    'round', p.round, 'agency', k.agency_id, 'offer', k.offer_id, 'amount_fen', k.amount_fen,
    'reason', k.reason)) || E'\n');
  RETURN api.project_chosen(p, t);
END $$;

CREATE FUNCTION api.pick_answer(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; k market.pick; t timestamptz; why text;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  t := api.now();
  SELECT * INTO k FROM market.pick m WHERE m.project_id = p.id AND m.round = p.round ORDER BY m.n DESC LIMIT 1;
  IF k.agency_id IS DISTINCT FROM api.agency_of(c.org_id) OR k.agency_id IS NULL THEN
    PERFORM api.refuse('not-found', '', '', '没有向贵机构发出的选取', 'no pick of your agency');
  END IF;
  PERFORM api.match(if_match, p.version);
  IF k.answer IS NULL AND t >= k.answer_due THEN
    PERFORM api.refuse('late', 'pick.answer', '', '答复期限已过', 'the time to answer has passed');
  END IF;
  IF k.answer IS NOT NULL OR p.state <> 'selecting' THEN
    PERFORM api.refuse('wrong-state', 'pick.answer', '', '该选取已处理', 'the pick is settled already');
  END IF;
  IF (body->>'accept')::boolean THEN
    why := api.ineligible(k.agency_id, p.item_code, p.item_version, t, p.policy_hash);
    IF why IS NOT NULL THEN
      PERFORM api.refuse('ineligible', 'pick.eligible', '', '不符合资格条件：' || why, 'not eligible: ' || why);
    END IF;
    p := api.pick_settle(p, k, 'accepted', body->>'reason', t);
  ELSE
    p := api.pick_settle(p, k, 'declined', body->>'reason', t);
  END IF;
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, t));
END $$;

-- Not answered in time: a credit event, and the owner picks again.
CREATE FUNCTION api.job_pick_due(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project; k market.pick; t timestamptz;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = subject FOR UPDATE;
  t := api.now();
  SELECT * INTO k FROM market.pick m WHERE m.project_id = p.id AND m.round = p.round AND m.answer IS NULL;
  IF NOT FOUND OR p.state <> 'selecting' THEN
    PERFORM api.job_plan('pick_due', subject, NULL);
    RETURN false;
  END IF;
  IF t < k.answer_due THEN
    PERFORM api.job_plan('pick_due', subject, k.answer_due);
    RETURN false;
  END IF;
  PERFORM api.pick_settle(p, k, 'overdue', NULL, t);
  PERFORM api.credit_event(k.agency_id, 'pick-overdue', p.id || '.' || p.round || '.' || k.n, t);
  RETURN true;
END $$;

-- How many different agencies could be picked now.
CREATE FUNCTION api.pick_count(p market.project, t timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT count(DISTINCT f.agency_id)::int FROM market.offer f
   WHERE f.item_code = p.item_code AND f.state = 'listed' AND (api.pick_fault(p, f, t)).code IS NULL
$$;
