-- The draw as the database sees it: exact texts in, exact texts out.  Hashes of records, the VRF
-- and the order are computed by the daemon with lib/draw; what is written carries the version
-- that was read and is refused when anything changed since.

-- One row of a draw's list: who, which sign-up, and the reason that excludes, or null.
CREATE FUNCTION api.draw_list(d market.draw, p market.project)
RETURNS TABLE (agency_id text, salt bytea, leaf bytea, reason text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF d.purpose = 'main' THEN
    RETURN QUERY SELECT l.agency_id, l.salt, l.leaf, l.reason FROM api.signup_list(p) l;
  ELSE
    RETURN QUERY
      SELECT l.agency_id, l.salt, l.leaf, coalesce(l.reason, CASE
          WHEN b.best IS NULL THEN 'no-bid' WHEN b.best > a.best_fen THEN 'outbid' END)
        FROM market.auction a
        CROSS JOIN api.signup_list(p) l
        LEFT JOIN LATERAL (SELECT min(m.amount_fen) AS best FROM market.bid m
          WHERE m.auction_id = a.id AND m.agency_id = l.agency_id) b ON true
       WHERE a.project_id = d.project_id AND a.round = d.round;
  END IF;
END $$;

-- What the freeze job reads.  Texts are exact: lines end in LF, sorted bytewise by agency.
CREATE TYPE api.freeze_view AS (state text, due boolean, draw_id text, attempt int, project_id text,
  winners int, minimum int, origin text, previous text, notice_hash text, rules_hash text,
  commitment text, close_at text, operator_key text, candidates text, excluded text, signups text,
  eligible int, version bigint);

CREATE FUNCTION api.draw_freeze_view(d market.draw, p market.project) RETURNS api.freeze_view
LANGUAGE plpgsql STABLE AS $$
DECLARE v api.freeze_view; y market.policy := api.policy_by_hash(p.policy_hash);
BEGIN
  v.state := d.state; v.due := api.now() >= d.close_at; v.draw_id := d.id; v.attempt := d.attempt;
  v.project_id := p.id; v.version := d.version; v.previous := '-';
  v.winners := CASE d.purpose WHEN 'main' THEN p.winners ELSE 1 END;
  v.minimum := CASE d.purpose WHEN 'main' THEN api.project_minimum(p, y) ELSE 1 END;
  v.origin := (SELECT s.value FROM market.setting s WHERE s.key = 'origin');
  v.notice_hash := (SELECT encode(api.text_hash(r.notice), 'hex') FROM market.round r
                     WHERE r.project_id = d.project_id AND r.round = d.round);
  v.rules_hash := encode(p.policy_hash, 'hex');
  v.commitment := encode(d.commitment, 'hex');
  v.close_at := api.utc_s(d.close_at);
  v.operator_key := encode(api.draw_key_for(p, y), 'hex');
  SELECT coalesce(string_agg(l.agency_id || ' 1 - ' || encode(l.leaf, 'hex') || E'\n', '' ORDER BY l.agency_id COLLATE "C")
           FILTER (WHERE l.reason IS NULL), ''),
         coalesce(string_agg(l.agency_id || ' ' || l.reason || ' ' || encode(l.leaf, 'hex') || E'\n', ''
           ORDER BY l.agency_id COLLATE "C") FILTER (WHERE l.reason IS NOT NULL), ''),
         coalesce(string_agg(l.agency_id || ' ' || encode(l.salt, 'hex') || E'\n', '' ORDER BY l.agency_id COLLATE "C"), ''),
         count(*) FILTER (WHERE l.reason IS NULL)
    INTO v.candidates, v.excluded, v.signups, v.eligible
    FROM api.draw_list(d, p) l;
  RETURN v;
END $$;

CREATE FUNCTION api.draw_missing() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('not-found', '', '', '抽取不存在', 'no such draw');
END $$;

CREATE FUNCTION api.draw_latest(want text) RETURNS market.draw LANGUAGE plpgsql STABLE AS $$
DECLARE d market.draw;
BEGIN
  SELECT * INTO d FROM market.draw w WHERE w.id = want ORDER BY w.attempt DESC LIMIT 1;
  IF NOT FOUND THEN
    PERFORM api.draw_missing();
  END IF;
  RETURN d;
END $$;

CREATE FUNCTION api.draw_freeze_read(subject text) RETURNS api.freeze_view
LANGUAGE plpgsql STABLE AS $$
DECLARE d market.draw := api.draw_latest(subject); p market.project;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = d.project_id;
  RETURN api.draw_freeze_view(d, p);
END $$;

-- Locks a draw's project; the draw itself is read under that lock.
CREATE FUNCTION api.draw_project(want text) RETURNS market.project LANGUAGE plpgsql AS $$
DECLARE p market.project;
BEGIN
  SELECT m.* INTO p FROM market.project m JOIN market.draw w ON w.project_id = m.id AND w.attempt = 1
    WHERE w.id = want FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.draw_missing();
  END IF;
  RETURN p;
END $$;

-- The list may be frozen now, as it was read: TR4.
CREATE FUNCTION api.draw_freezable(d market.draw, seen_version bigint, t timestamptz) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF t < d.close_at THEN
    PERFORM api.refuse('wrong-state', 'TR4', '', '未到截止时间', 'the deadline has not come');
  END IF;
  IF d.version <> seen_version THEN
    PERFORM api.refuse('conflict', 'TR4', '', '名单在处理期间已改变', 'the list changed since it was read');
  END IF;
END $$;

-- Freeze and value 1, together.  False: it was done before.
CREATE FUNCTION api.draw_freeze_write(subject text, version bigint, candidates text, excluded text, signups text,
  "freeze" text, freeze_hash bytea, proof bytea, value bytea, public_key bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE p market.project := api.draw_project(subject); d market.draw := api.draw_latest(subject);
  y market.policy := api.policy_by_hash(p.policy_hash); t timestamptz := api.now(); v api.freeze_view;
BEGIN
  IF d.state <> 'open' THEN
    PERFORM api.job_plan('draw_freeze', d.id, NULL);
    RETURN false;
  END IF;
  PERFORM api.draw_freezable(d, draw_freeze_write.version, t);
  v := api.draw_freeze_view(d, p);
  IF (v.candidates, v.excluded, v.signups) IS DISTINCT FROM
      (draw_freeze_write.candidates, draw_freeze_write.excluded, draw_freeze_write.signups)
      OR api.text_hash(draw_freeze_write."freeze") <> draw_freeze_write.freeze_hash THEN
    PERFORM api.refuse('conflict', 'TR4', '', '冻结内容与名单不符', 'the freeze does not agree with the list');
  END IF;
  IF v.eligible < v.minimum THEN
    PERFORM api.refuse('rule', 'TR5', '', '合格报名不足', 'too few eligible sign-ups');
  END IF;
  IF v.operator_key IS DISTINCT FROM encode(draw_freeze_write.public_key, 'hex') THEN
    PERFORM api.refuse('rule', 'draw.key', '', '运营方抽取密钥未公告或公告时间不足',
      'the operator''s draw key is not announced, or not early enough');
  END IF;
  IF d.purpose = 'main' THEN
    UPDATE market.project m SET state = api.move('project', api.move('project', p.state, 'deadline'), 'select'),
        version = m.version + 1
      WHERE m.id = p.id RETURNING * INTO p;
  END IF;
  -- The owner can open only what is frozen, so the time to do it runs from now.
  UPDATE market.draw w SET state = 'contributing', stall_at = api.due(y, 'stall_after', t),
      notice = (SELECT r.notice FROM market.round r WHERE r.project_id = d.project_id AND r.round = d.round),
      rules = y.body, candidates = v.candidates, excluded = v.excluded, signups = v.signups,
      "freeze" = draw_freeze_write."freeze", freeze_hash = draw_freeze_write.freeze_hash, version = w.version + 1
    WHERE w.id = d.id AND w.attempt = d.attempt RETURNING * INTO d;
  INSERT INTO market.contribution (draw_id, attempt, index, kind, name, public_key, value, proof, at)
  VALUES (d.id, d.attempt, 1, 'vrf-p256', 'operator', draw_freeze_write.public_key, draw_freeze_write.value,
            draw_freeze_write.proof, t),
         (d.id, d.attempt, 2, 'commit', 'owner', d.commitment, NULL, NULL, NULL);
  PERFORM api.entry('freeze', d.id, 'system:draw_freeze', t, d."freeze");
  PERFORM api.draw_said(d, 1, 'system:draw_freeze', t);
  PERFORM api.job_plan('draw_freeze', d.id, NULL);
  PERFORM api.job_plan('draw_stall', d.id, d.stall_at);
  RETURN true;
END $$;

-- The journal's entry of a stored contribution.
CREATE FUNCTION api.draw_said(d market.draw, nth int, actor text, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE k market.contribution;
BEGIN
  SELECT * INTO STRICT k FROM market.contribution m WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = nth;
  PERFORM api.entry('contribution', d.id, actor, t, api.canon(jsonb_strip_nulls(jsonb_build_object(
    'draw', d.id, 'attempt', d.attempt, 'index', nth, 'kind', k.kind, 'name', k.name,
    'proof', encode(k.proof, 'hex'), 'value', encode(k.value, 'hex')))) || E'\n');
END $$;

-- TR5 of a draw.  The lists stay readable: who signed up and why it was not enough.
CREATE FUNCTION api.draw_too_few(subject text, version bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE p market.project := api.draw_project(subject); d market.draw := api.draw_latest(subject);
  t timestamptz := api.now(); v api.freeze_view;
BEGIN
  IF d.state <> 'open' THEN
    PERFORM api.job_plan('draw_freeze', d.id, NULL);
    RETURN false;
  END IF;
  PERFORM api.draw_freezable(d, draw_too_few.version, t);
  v := api.draw_freeze_view(d, p);
  IF v.eligible >= v.minimum THEN
    PERFORM api.refuse('conflict', 'TR5', '', '合格报名已足够', 'there are enough eligible sign-ups');
  END IF;
  UPDATE market.draw w SET candidates = v.candidates, excluded = v.excluded, signups = v.signups
    WHERE w.id = d.id AND w.attempt = d.attempt;
  IF d.purpose = 'main' THEN
    p.state := api.move('project', p.state, 'deadline');
    PERFORM api.round_end(p, 'too_few', 'too-few', NULL, ARRAY[]::text[], t);
  ELSE
    PERFORM api.round_end(p, 'no_result', 'too-few', NULL, ARRAY[]::text[], t);
  END IF;
  RETURN true;
END $$;

-- What a contribution is checked against.  value: stored already, then only a repeat is taken.
CREATE TYPE api.contribution_view AS (draw_id text, attempt int, state text, winners int, "freeze" text,
  freeze_hash text, candidates text, excluded text, operator_proof text, operator_value text,
  kind text, name text, public_key text, value text, allowed boolean, version bigint, body text);

CREATE FUNCTION api.draw_read(caller text, id text, index int) RETURNS api.contribution_view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); d market.draw := api.draw_latest(id); k market.contribution;
  one market.contribution; v api.contribution_view;
BEGIN
  SELECT * INTO k FROM market.contribution m
    WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = draw_read.index;
  IF NOT FOUND THEN
    IF d."freeze" IS NULL AND draw_read.index IN (1, 2) THEN
      PERFORM api.refuse('wrong-state', 'draw.frozen', '', '名单尚未冻结', 'the draw is not frozen yet');
    END IF;
    PERFORM api.draw_missing();
  END IF;
  SELECT * INTO STRICT one FROM market.contribution m WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = 1;
  v.draw_id := d.id; v.attempt := d.attempt; v.state := d.state; v."freeze" := d."freeze";
  v.winners := CASE d.purpose WHEN 'main' THEN (SELECT p.winners FROM market.project p WHERE p.id = d.project_id) ELSE 1 END;
  v.freeze_hash := encode(d.freeze_hash, 'hex'); v.candidates := d.candidates; v.excluded := d.excluded;
  v.operator_proof := encode(one.proof, 'hex'); v.operator_value := encode(one.value, 'hex');
  v.kind := k.kind; v.name := k.name; v.public_key := encode(k.public_key, 'hex'); v.value := encode(k.value, 'hex');
  v.allowed := api.draw_allows(d, k, c); v.version := d.version; v.body := api.draw_json(d);
  RETURN v;
END $$;

CREATE FUNCTION api.draw_allows(d market.draw, k market.contribution, c api.ctx) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT k.name = 'owner' AND EXISTS (SELECT FROM market.project p WHERE p.id = d.project_id AND p.owner_id = c.org_id)
$$;

-- Refuses a ranking that is not a permutation of the candidates, or a result that says another.
CREATE FUNCTION api.draw_check_result(d market.draw, seed bytea, result text, ranking text[]) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF (SELECT array_agg(r ORDER BY r COLLATE "C") FROM unnest(ranking) r) IS DISTINCT FROM
     (SELECT array_agg(split_part(l, ' ', 1) ORDER BY split_part(l, ' ', 1) COLLATE "C")
        FROM unnest(string_to_array(rtrim(d.candidates, E'\n'), E'\n')) l)
     OR result IS DISTINCT FROM E'fairlot-draw/v1\ndraw ' || d.id || E'\nattempt ' || d.attempt
       || E'\nfreeze ' || encode(d.freeze_hash, 'hex') || E'\nseed ' || encode(seed, 'hex')
       || E'\norder ' || array_to_string(ranking, ' ') || E'\n' THEN
    PERFORM api.refuse('conflict', 'TR6', '', '结果与名单不符', 'the result does not agree with the list');
  END IF;
END $$;

-- The owner's value and, being the last, the result with it.  No Idempotency-Key: the value is
-- forced by the freeze, so a repeat of it is the same fact and answers as the first time.
CREATE FUNCTION api.draw_write(caller text, need int, id text, index int, version bigint, value bytea,
  proof bytea, seed bytea, result text, ranking text) RETURNS api.answer
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.begin(caller, need, NULL, NULL); p market.project := api.draw_project(draw_write.id);
  d market.draw := api.draw_latest(draw_write.id); k market.contribution; t timestamptz := api.now();
  places text[] := string_to_array(ranking, ' ');
BEGIN
  SELECT * INTO k FROM market.contribution m
    WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = draw_write.index;
  IF NOT FOUND THEN
    PERFORM api.draw_missing();
  END IF;
  IF NOT api.draw_allows(d, k, c) THEN
    PERFORM api.refuse('forbidden', 'draw.contributor', '', '该贡献不属于贵方', 'this contribution is not yours');
  END IF;
  IF k.value = draw_write.value THEN
    RETURN api.finish(c, 200, d.version, api.draw_json(d));
  END IF;
  IF k.value IS NOT NULL THEN
    PERFORM api.refuse('duplicate', 'draw.once', '/value', '该贡献已提交，不能更改', 'the value is given already and never changes');
  END IF;
  IF d.state <> 'contributing' THEN
    PERFORM api.refuse('wrong-state', 'draw.frozen', '', '抽取不在贡献阶段', 'the draw takes no values now; it is ' || d.state);
  END IF;
  IF d.version <> draw_write.version THEN
    PERFORM api.refuse('conflict', 'draw.frozen', '', '抽取在处理期间已改变', 'the draw changed since it was read');
  END IF;
  IF api.draw_seal('commit', d.id, k.name, draw_write.value) <> k.public_key THEN
    PERFORM api.refuse('rule', 'draw.commitment', '/value', '该值与承诺不符', 'the value does not open the commitment');
  END IF;
  PERFORM api.draw_check_result(d, draw_write.seed, draw_write.result, places);
  UPDATE market.contribution m SET value = draw_write.value, proof = draw_write.proof, at = t
    WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = draw_write.index;
  PERFORM api.draw_said(d, draw_write.index, c.actor, t);
  UPDATE market.draw w SET state = 'drawn', seed = draw_write.seed, result = draw_write.result, version = w.version + 1
    WHERE w.id = d.id AND w.attempt = d.attempt RETURNING * INTO d;
  PERFORM api.entry('result', d.id, 'system:draw', t, api.canon(jsonb_build_object('draw', d.id,
    'attempt', d.attempt, 'result', encode(api.text_hash(d.result), 'hex'),
    'winners', to_jsonb(places[1:CASE d.purpose WHEN 'main' THEN p.winners ELSE 1 END]))) || E'\n');
  PERFORM api.job_plan('draw_stall', d.id, NULL);
  PERFORM api.draw_stand(d, p, places, t);
  RETURN api.finish(c, 200, d.version, api.draw_json(d));
END $$;

-- The standing that a drawn order gives: the drawn ones first; after a tie the other bidders by
-- their best bids.
CREATE FUNCTION api.draw_stand(d market.draw, p market.project, places text[], t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF d.purpose = 'main' THEN
    INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
    SELECT p.id, p.round, o.n, o.agency, coalesce(p.price_fen, p.ceiling_fen),
           CASE WHEN o.n <= p.winners THEN 'winner' ELSE 'substitute' END, t
      FROM unnest(places) WITH ORDINALITY o (agency, n);
  ELSE
    PERFORM api.auction_stand(p, places, t);
  END IF;
  PERFORM api.project_chosen(p, t);
END $$;

-- A contributor did not speak in time.  With the operator's value public, an owner who is silent
-- would choose by silence: the round ends.
CREATE FUNCTION api.job_draw_stall(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project := api.draw_project(subject); d market.draw := api.draw_latest(subject);
  t timestamptz := api.now();
BEGIN
  IF d.state <> 'contributing' THEN
    PERFORM api.job_plan('draw_stall', subject, NULL);
    RETURN false;
  END IF;
  IF t < d.stall_at THEN
    PERFORM api.job_plan('draw_stall', subject, d.stall_at);
    RETURN false;
  END IF;
  UPDATE market.draw w SET stalled_at = t WHERE w.id = d.id AND w.attempt = d.attempt;
  PERFORM api.round_end(p, 'no_result', 'owner-stalled', 'owner', ARRAY[]::text[], t);
  RETURN true;
END $$;
