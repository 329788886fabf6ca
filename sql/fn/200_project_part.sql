-- What all functions of projects share: who may see one, the facts a notice publishes, what a
-- draft must satisfy, how a round ends.

-- Commitments and sign-ups are bound to this id by hash, so it is known from the draft on: the
-- round's draw, in an auction the draw that would decide a tie.
CREATE FUNCTION api.draw_id(p market.project) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT p.id || '.' || p.round || CASE p.mode WHEN 'auction' THEN '.tie' ELSE '' END
$$;

-- The project as the public may know it: while a new round is only drafted, the last published
-- round, from its notice.  Null when nothing was ever published.
CREATE FUNCTION api.project_public(p market.project) RETURNS market.project
LANGUAGE plpgsql STABLE AS $$
DECLARE r market.round; n jsonb;
BEGIN
  IF p.state NOT IN ('draft', 'review') THEN
    RETURN p;
  END IF;
  SELECT * INTO r FROM market.round m WHERE m.project_id = p.id ORDER BY m.round DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  n := r.notice::jsonb;
  p.round := r.round; p.state := r.outcome; p.end_reason := r.end_reason;
  p.title := n->>'title'; p.content := n->>'content'; p.mode := n->>'mode';
  p.item_code := n->>'item'; p.item_version := (n->>'item_version')::int;
  p.profile := n->>'profile'; p.policy_hash := decode(n->>'policy_hash', 'hex');
  p.fiscal_bp := (n->>'fiscal_bp')::int; p.price_basis := n->>'price_basis';
  p.price_fen := (n->>'price_fen')::bigint; p.ceiling_fen := (n->>'ceiling_fen')::bigint;
  p.floor_fen := (n->>'floor_fen')::bigint; p.step_fen := (n->>'step_fen')::bigint;
  p.budget_fen := (n->>'budget_fen')::bigint; p.winners := (n->>'winners')::int;
  p.avoid := n->'avoid'; p.commitment := r.commitment;
  p.witnesses := api.text_list(n->'witnesses'); p.beacon := n->>'beacon';
  p.method := coalesce(n->>'method', 'fisher-yates'); p.stratum := n->>'stratum'; p.quotas := coalesce(n->'quotas', '[]');
  p.coefficient_lo := (n->'coefficient'->>'lo')::int; p.coefficient_hi := (n->'coefficient'->>'hi')::int;
  p.deadline_at := (n->>'deadline_at')::timestamptz; p.opened_at := r.opened_at;
  p.wanted_deadline_at := NULL; p.review_reason := NULL;
  RETURN p;
END $$;

-- What this caller sees of it; null: nothing, so it is not found.
CREATE FUNCTION api.project_seen(p market.project, c api.ctx) RETURNS market.project
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.owner_id = c.org_id OR api.supervises(c) THEN
    RETURN p;
  END IF;
  RETURN api.project_public(p);
END $$;

CREATE FUNCTION api.project_missing() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('not-found', '', '', '项目不存在或不可见', 'no such project, or not visible to you');
END $$;

-- Locks a project that the caller may see.
CREATE FUNCTION api.project_take(want text, c api.ctx) RETURNS market.project
LANGUAGE plpgsql AS $$
DECLARE p market.project;
BEGIN
  SELECT * INTO p FROM market.project m WHERE m.id = want FOR UPDATE;
  IF NOT FOUND OR (api.project_seen(p, c)).id IS NULL THEN
    PERFORM api.project_missing();
  END IF;
  RETURN p;
END $$;

-- Locks a project of the caller's own organisation; another's is not found.
CREATE FUNCTION api.project_own(want text, c api.ctx) RETURNS market.project
LANGUAGE plpgsql AS $$
DECLARE p market.project := api.project_take(want, c);
BEGIN
  IF p.owner_id <> c.org_id THEN
    PERFORM api.project_missing();
  END IF;
  RETURN p;
END $$;

-- The profile a project is judged by: the frozen one, before that the one in force.
CREATE FUNCTION api.project_policy(p market.project) RETURNS market.policy
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.policy_hash IS NULL THEN
    RETURN api.policy(p.profile);
  END IF;
  RETURN api.policy_by_hash(p.policy_hash);
END $$;

-- The least number of candidates, bidders or offers: `min_<mode>` of the profile, by fund.
CREATE FUNCTION api.project_minimum(p market.project, y market.policy) RETURNS int
LANGUAGE sql STABLE AS $$
  SELECT greatest(p.winners, api.setting_int(y, CASE WHEN p.mode = 'pick' THEN 'min_pick'
    WHEN p.fiscal_bp > 0 THEN 'min_' || p.mode || '_fiscal'
    ELSE 'min_' || p.mode || '_social' END)::int)
$$;

CREATE FUNCTION api.is_avoided(p market.project, agency text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM jsonb_array_elements(p.avoid) e WHERE e->>'agency_id' = agency)
    OR api.agency_of(p.owner_id) IS NOT DISTINCT FROM agency
$$;

-- A published time has whole seconds, so that the freeze record can name it exactly.
CREATE FUNCTION api.whole_second(t timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT date_trunc('second', t + interval '999999 microseconds')
$$;

-- The notice: one line of canonical JSON of everything published, and its hash.
CREATE FUNCTION api.notice(p market.project) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT api.canon(jsonb_strip_nulls(jsonb_build_object(
    'project', p.id, 'round', p.round, 'draw', api.draw_id(p), 'owner', p.owner_id,
    'item', p.item_code, 'item_version', p.item_version, 'title', p.title, 'content', p.content,
    'mode', p.mode, 'profile', p.profile, 'policy_hash', encode(p.policy_hash, 'hex'),
    'fiscal_bp', p.fiscal_bp, 'price_basis', p.price_basis, 'price_fen', p.price_fen,
    'ceiling_fen', p.ceiling_fen, 'floor_fen', p.floor_fen, 'step_fen', p.step_fen,
    'budget_fen', p.budget_fen, 'winners', p.winners, 'avoid', p.avoid,
    'witnesses', to_jsonb(nullif(p.witnesses, '{}')), 'beacon', p.beacon,
    'method', nullif(p.method, 'fisher-yates'), 'stratum', p.stratum, 'quotas', nullif(p.quotas, '[]'),
    'coefficient', CASE WHEN p.coefficient_lo IS NOT NULL THEN
      jsonb_build_object('lo', p.coefficient_lo, 'hi', p.coefficient_hi) END,
    'commitment', encode(p.commitment, 'hex'),
    'opened_at', api.utc(p.opened_at), 'deadline_at', api.utc_s(p.deadline_at)))) || E'\n'
$$;
CREATE FUNCTION api.text_hash(record text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(record, 'UTF8'))
$$;

CREATE FUNCTION api.project_rule(pointer text, zh text, en text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('rule', 'TR1', pointer, zh, en);
END $$;

-- TR1, price: which members a basis has, and which basis a mode can use.  A draw needs a price
-- known before it; an auction a ceiling to start from; a pick takes the offer's price.
CREATE FUNCTION api.project_check_price(p market.project, y market.policy) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE most constant bigint := 100000000000; price bigint; f record;
BEGIN
  FOR f IN SELECT v.name, v.fen FROM (VALUES ('budget_fen', p.budget_fen), ('price_fen', p.price_fen),
      ('ceiling_fen', p.ceiling_fen), ('floor_fen', p.floor_fen), ('step_fen', p.step_fen)) v (name, fen) LOOP
    IF f.fen NOT BETWEEN 1 AND most THEN
      PERFORM api.refuse('bad-input', 'TR1', '/' || f.name, '金额超出范围', 'the amount is out of range');
    END IF;
  END LOOP;
  IF (p.mode, p.price_basis) NOT IN (('draw', 'fixed'), ('draw', 'ceiling'), ('auction', 'ceiling'),
      ('pick', 'ceiling'), ('pick', 'none')) THEN
    PERFORM api.project_rule('/price_basis', '该选取方式不适用此计价方式', 'this mode does not take this price basis');
  END IF;
  IF (p.price_fen IS NOT NULL) <> (p.price_basis = 'fixed') THEN
    PERFORM api.project_rule('/price_fen', '固定价须且仅固定价可填写价格', 'a price goes with the fixed basis, and only with it');
  END IF;
  IF (p.ceiling_fen IS NOT NULL) <> (p.price_basis = 'ceiling') THEN
    PERFORM api.project_rule('/ceiling_fen', '最高限价与计价方式不符', 'a ceiling goes with the ceiling basis, and only with it');
  END IF;
  IF p.floor_fen IS NOT NULL AND (p.mode <> 'auction' OR api.setting(y, 'floor_allowed') <> 'yes') THEN
    PERFORM api.project_rule('/floor_fen', '此处不得设最低限价', 'no floor is allowed here');
  END IF;
  IF p.floor_fen > p.ceiling_fen THEN
    PERFORM api.project_rule('/floor_fen', '最低限价高于最高限价', 'the floor is above the ceiling');
  END IF;
  IF p.step_fen IS NOT NULL AND (p.mode <> 'auction' OR p.step_fen > p.ceiling_fen
      OR p.step_fen < api.setting_int(y, 'auction_step_min_fen')) THEN
    PERFORM api.project_rule('/step_fen', '降价幅度不合规定', 'the step is not within the profile and the ceiling');
  END IF;
  price := coalesce(p.price_fen, p.ceiling_fen);
  IF price * p.winners > p.budget_fen THEN
    PERFORM api.project_rule('/budget_fen', '预算不足以支付全部中选价', 'the budget does not cover the price of every winner');
  END IF;
END $$;

-- The strings of a JSON array, in order; of null, none.
CREATE FUNCTION api.text_list(list jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(e.value ORDER BY e.ordinality), '{}')
    FROM jsonb_array_elements_text(coalesce(list, '[]')) WITH ORDINALITY e
$$;

-- TR1, how the draw is made: who contributes, with which chances.
CREATE FUNCTION api.project_check_draw(p market.project) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.mode = 'pick' AND p.witnesses <> '{}' THEN
    PERFORM api.project_rule('/witnesses', '直接选取没有见证方', 'a pick has no witnesses');
  END IF;
  IF EXISTS (SELECT FROM unnest(p.witnesses) w GROUP BY w HAVING count(*) > 1) THEN
    PERFORM api.project_rule('/witnesses', '见证方重复', 'a witness is named twice');
  END IF;
  IF EXISTS (SELECT FROM unnest(p.witnesses) w WHERE NOT EXISTS (SELECT FROM market.draw_key k
      WHERE k.name = w AND k.witness_id IS NOT NULL AND k.retired_at IS NULL)) THEN
    PERFORM api.project_rule('/witnesses', '见证方没有已公告的密钥', 'a witness has no announced key');
  END IF;
  IF p.beacon IS NOT NULL AND p.witnesses = '{}' THEN
    PERFORM api.project_rule('/beacon', '采用信标须有见证方', 'a beacon needs a witness, who saw the freeze before its round');
  END IF;
  IF p.beacon IS NOT NULL AND NOT api.beacon_offered(p.beacon) THEN
    PERFORM api.project_rule('/beacon', '本市场未配置该信标', 'this market cannot check that beacon');
  END IF;
  IF p.mode <> 'draw' AND (p.method <> 'fisher-yates' OR p.stratum IS NOT NULL) THEN
    PERFORM api.project_rule('/method', '仅随机选取可用加权或分层', 'weights and strata are for draws');
  END IF;
  IF p.method <> 'fisher-yates' AND p.stratum IS NOT NULL THEN
    PERFORM api.project_rule('/stratum', '加权抽取不得分层', 'a weighted draw has no strata');
  END IF;
  IF (p.stratum IS NULL) <> (p.quotas = '[]') THEN
    PERFORM api.project_rule('/quotas', '分层与名额须同时填写', 'strata need quotas, and quotas strata');
  END IF;
  IF (SELECT sum((q->>'winners')::int) FROM jsonb_array_elements(p.quotas) q) > p.winners THEN
    PERFORM api.project_rule('/quotas', '各层名额之和超过中选机构数量', 'the quotas are more than the winners');
  END IF;
  IF EXISTS (SELECT FROM jsonb_array_elements(p.quotas) q GROUP BY q->>'stratum' HAVING count(*) > 1) THEN
    PERFORM api.project_rule('/quotas', '分层重复', 'a stratum has two quotas');
  END IF;
END $$;

-- TR1, the whole draft.  Run at every change of it, at submission, and at publication.
CREATE FUNCTION api.project_check(p market.project, y market.policy) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM market.item i
      WHERE i.code = p.item_code AND i.version = p.item_version AND i.active) THEN
    PERFORM api.project_rule('/item', '服务事项不存在或已停用', 'the item does not exist or is not active');
  END IF;
  IF p.fiscal_bp NOT BETWEEN 0 AND 10000 THEN
    PERFORM api.refuse('bad-input', 'TR1', '/fiscal_bp', '财政资金比例应为 0 至 10000 基点',
      'the fiscal share is 0 to 10000 basis points');
  END IF;
  IF p.winners NOT BETWEEN 1 AND (CASE p.mode WHEN 'draw' THEN api.setting_int(y, 'winners_max') ELSE 1 END) THEN
    PERFORM api.project_rule('/winners', '中选机构数量不合规定', 'the number of winners is not allowed in this mode');
  END IF;
  IF EXISTS (SELECT FROM jsonb_array_elements(p.avoid) e
      WHERE NOT EXISTS (SELECT FROM market.agency a WHERE a.id = e->>'agency_id')) THEN
    PERFORM api.project_rule('/avoid', '回避名单含未知机构', 'the avoidance list names an unknown agency');
  END IF;
  PERFORM api.project_check_draw(p);
  PERFORM api.project_check_price(p, y);
  PERFORM api.coefficient_check(p);
END $$;

-- void.txt of a draw's attempt (docs/DRAW.md).
CREATE FUNCTION api.void_text(d market.draw, reason text, stalled text, people text[], t timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT E'fairlot-draw/v1\nvoid ' || d.id || E'\nattempt ' || d.attempt
    || E'\nfreeze ' || coalesce(encode(d.freeze_hash, 'hex'), '-') || E'\nreason ' || reason
    || E'\nstalled ' || coalesce(stalled, '-') || E'\nby ' || coalesce(people[1], '-') || ' '
    || coalesce(people[2], '-') || E'\nat ' || api.utc_s(t) || E'\n'
$$;

-- Ends a locked project's round without an award: its draws and auction are void, its timers go,
-- the budget is released, the journal says why.  people: the two of a void, else empty.  void_at: what
-- void.txt says, when that was fixed before.
CREATE FUNCTION api.round_end(p market.project, event text, reason text, staller text, people text[],
  t timestamptz, void_at timestamptz DEFAULT NULL) RETURNS market.project
LANGUAGE plpgsql AS $$
DECLARE d market.draw; k text;
BEGIN
  UPDATE market.project m SET state = api.move('project', p.state, event), end_reason = reason,
      standstill_until = NULL, version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  UPDATE market.round r SET outcome = p.state, end_reason = reason, ended_at = t
    WHERE r.project_id = p.id AND r.round = p.round;
  UPDATE market.auction a SET state = CASE p.state WHEN 'voided' THEN 'void' ELSE 'failed' END,
      version = a.version + 1
    WHERE a.project_id = p.id AND a.round = p.round AND a.state = 'live'; -- who bid in an ended one is known
  UPDATE market.void_request v SET state = 'lapsed', version = v.version + 1
    WHERE v.project_id = p.id AND v.state IN ('asked', 'signing');
  UPDATE market.disqualification v SET state = 'lapsed', version = v.version + 1
    WHERE v.project_id = p.id AND v.state = 'asked';
  FOREACH k IN ARRAY ARRAY['project_deadline', 'pick_due', 'project_award'] LOOP
    PERFORM api.job_plan(k, p.id, NULL);
  END LOOP;
  DELETE FROM market.job j USING market.auction a
    WHERE j.kind = 'auction_end' AND j.subject = a.id AND a.project_id = p.id;
  FOR d IN SELECT * FROM market.draw w WHERE w.project_id = p.id AND w.round = p.round AND w.state <> 'void' LOOP
    PERFORM api.job_plan('draw_freeze', d.id, NULL);
    PERFORM api.job_plan('draw_stall', d.id, NULL);
    UPDATE market.draw w SET state = 'void', version = w.version + 1,
        void = api.void_text(d, reason, staller, people, coalesce(void_at, t))
      WHERE w.id = d.id AND w.attempt = d.attempt RETURNING * INTO d;
    PERFORM api.entry('void', d.id, coalesce(people[2], 'system:round_end'), t, d.void);
  END LOOP;
  IF d.id IS NULL THEN
    PERFORM api.entry('void', p.id, coalesce(people[2], 'system:round_end'), t,
      api.canon(jsonb_build_object('project', p.id, 'round', p.round, 'outcome', p.state, 'reason', reason,
        'by', to_jsonb(people))) || E'\n');
  END IF;
  PERFORM api.unpost_budget(p, t);
  RETURN p;
END $$;
