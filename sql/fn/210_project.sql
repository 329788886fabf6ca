-- Projects from the draft to the open notice, and the new round after one that came to nothing.

-- Takes the members that a body has over into the draft.  A body with a price basis replaces the
-- whole price, since each basis has members of its own.
CREATE FUNCTION api.project_fill(p market.project, b jsonb) RETURNS market.project
LANGUAGE plpgsql STABLE AS $$
DECLARE i market.item;
BEGIN
  p.title := coalesce(b->>'title', p.title);
  p.content := coalesce(b->>'content', p.content);
  p.profile := coalesce(b->>'profile', p.profile);
  p.fiscal_bp := coalesce((b->>'fiscal_bp')::int, p.fiscal_bp);
  p.budget_fen := coalesce((b->>'budget_fen')::bigint, p.budget_fen);
  p.winners := coalesce((b->>'winners')::int, p.winners, 1);
  p.avoid := coalesce(b->'avoid', p.avoid, '[]');
  p.wanted_deadline_at := coalesce(api.whole_second((b->>'deadline_at')::timestamptz), p.wanted_deadline_at);
  IF b ? 'price_basis' THEN
    p.price_basis := b->>'price_basis';
    p.price_fen := NULL; p.ceiling_fen := NULL; p.floor_fen := NULL; p.step_fen := NULL;
    p.coefficient_lo := NULL; p.coefficient_hi := NULL;
  END IF;
  p.price_fen := coalesce((b->>'price_fen')::bigint, p.price_fen);
  p.ceiling_fen := coalesce((b->>'ceiling_fen')::bigint, p.ceiling_fen);
  p.floor_fen := coalesce((b->>'floor_fen')::bigint, p.floor_fen);
  p.step_fen := coalesce((b->>'step_fen')::bigint, p.step_fen);
  p.coefficient_lo := coalesce((b->'coefficient'->>'lo')::int, p.coefficient_lo);
  p.coefficient_hi := coalesce((b->'coefficient'->>'hi')::int, p.coefficient_hi);
  IF b ? 'mode' AND b->>'mode' IS DISTINCT FROM p.mode THEN
    p.mode := b->>'mode'; p.commitment := NULL; -- it was made for another draw id
    p.witnesses := NULL;
  END IF;
  p.witnesses := CASE WHEN b ? 'witnesses' THEN api.text_list(b->'witnesses')
    ELSE coalesce(p.witnesses, api.witnesses_usual(p.mode)) END;
  p.beacon := CASE WHEN b ? 'beacon' THEN nullif(b->>'beacon', 'none') ELSE p.beacon END;
  p.method := coalesce(b->>'method', p.method, 'fisher-yates');
  IF b ? 'stratum' THEN
    p.stratum := nullif(b->>'stratum', 'none'); p.quotas := '[]';
  END IF;
  p.quotas := coalesce(b->'quotas', p.quotas, '[]');
  IF b ? 'item' THEN
    i := api.item_in_force(b->>'item', '/item');
    p.item_code := i.code; p.item_version := i.version;
  END IF;
  p.search := api.normal(p.title || ' ' || p.content);
  RETURN p;
END $$;

-- Witnesses of a draw that names none: market.setting witnesses, names with single spaces.
CREATE FUNCTION api.witnesses_usual(mode text) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT string_to_array(s.value, ' ') FROM market.setting s
    WHERE s.key = 'witnesses' AND mode = 'draw'), '{}')
$$;

CREATE FUNCTION api.project_create(caller text, need int, idem text, hash bytea, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  t := api.now();
  p := api.project_fill(p, body);
  PERFORM api.project_check(p, api.policy(p.profile));
  p.id := api.new_id('prj'); p.owner_id := c.org_id; p.author_id := c.user_id; p.makers := api.makers(c);
  p.state := 'draft'; p.round := 1; p.synthetic := false; p.version := 1;
  p.created_at := t; p.recorded_at := t;
  INSERT INTO market.project SELECT p.*;
  RETURN api.finish(c, 201, p.version, api.project_json(p, c, t));
END $$;

-- Stores a changed draft under the next version.
CREATE FUNCTION api.project_store(p market.project) RETURNS market.project
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.project m SET (item_code, item_version, title, content, mode, profile, fiscal_bp, price_basis,
      price_fen, ceiling_fen, floor_fen, step_fen, budget_fen, winners, avoid, wanted_deadline_at, commitment,
      witnesses, beacon, method, stratum, quotas, coefficient_lo, coefficient_hi, search, author_id, makers, version) = (p.item_code, p.item_version, p.title, p.content, p.mode, p.profile,
      p.fiscal_bp, p.price_basis, p.price_fen, p.ceiling_fen, p.floor_fen, p.step_fen, p.budget_fen, p.winners,
      p.avoid, p.wanted_deadline_at, p.commitment, p.witnesses, p.beacon, p.method, p.stratum, p.quotas,
      p.coefficient_lo, p.coefficient_hi, p.search, p.author_id, p.makers, m.version + 1)
    WHERE m.id = p.id RETURNING * INTO p;
  RETURN p;
END $$;

CREATE FUNCTION api.project_in_draft(p market.project) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.state <> 'draft' THEN
    PERFORM api.refuse('wrong-state', 'TR1', '', '只有草稿可以修改', 'only a draft can be changed; it is ' || p.state);
  END IF;
END $$;

CREATE FUNCTION api.project_edit(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_own(id, c);
  PERFORM api.match(if_match, p.version);
  PERFORM api.project_in_draft(p);
  p := api.project_fill(p, body);
  PERFORM api.project_check(p, api.policy(p.profile));
  p.author_id := c.user_id; p.makers := api.makers(c);
  p := api.project_store(p);
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, api.now()));
END $$;

-- The owner's commitment for this round's draw, or for its coefficient's.  One that was published before is worthless: its
-- opening may be known.
CREATE FUNCTION api.project_commit(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_own(id, c);
  PERFORM api.match(if_match, p.version);
  p.commitment := decode(body->>'commitment', 'hex');
  IF (api.draw_at_work(p)).state = 'requested' THEN
    PERFORM api.attempt_commit(api.draw_at_work(p), p.commitment);
  ELSE
    PERFORM api.project_in_draft(p);
    PERFORM api.commitment_unused(p.commitment);
  END IF;
  p := api.project_store(p);
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, api.now()));
END $$;

-- The owner's new commitment opens the next attempt, or the draw of the coefficient, which freezes at once.
CREATE FUNCTION api.attempt_commit(d market.draw, commitment bytea) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM api.commitment_unused(attempt_commit.commitment);
  IF api.now() >= d.stall_at THEN
    PERFORM api.refuse('late', 'draw.stall', '', '提交期限已过', 'the time to give a new commitment is over');
  END IF;
  BEGIN
    UPDATE market.draw w SET state = 'open', commitment = attempt_commit.commitment, stall_at = NULL, version = w.version + 1
      WHERE w.id = d.id AND w.attempt = d.attempt;
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'draw.commitment', '/commitment', '该承诺已使用过', 'this commitment was used before');
  END;
  PERFORM api.job_plan('draw_stall', d.id, NULL);
  PERFORM api.job_plan('draw_freeze', d.id, api.now());
END $$;

CREATE FUNCTION api.commitment_unused(commitment bytea) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF length(commitment) <> 32 THEN
    PERFORM api.refuse('bad-input', 'draw.commitment', '/commitment', '承诺应为 32 字节', 'a commitment has 32 bytes');
  END IF;
  IF EXISTS (SELECT FROM market.round r WHERE r.commitment = commitment_unused.commitment)
      OR EXISTS (SELECT FROM market.draw d WHERE d.commitment = commitment_unused.commitment) THEN
    PERFORM api.refuse('duplicate', 'draw.commitment', '/commitment', '该承诺已在其他轮次或其他次抽取使用',
      'this commitment was used in another round or attempt');
  END IF;
END $$;

CREATE FUNCTION api.project_submit(caller text, need int, idem text, hash bytea, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; target text;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_own(id, c);
  target := api.move('project', p.state, 'submit');
  IF p.commitment IS NULL THEN
    PERFORM api.project_rule('', '尚未提交业主承诺', 'the owner''s commitment is missing');
  END IF;
  PERFORM api.project_check(p, api.policy(p.profile));
  UPDATE market.project m SET state = target, submitter_id = c.user_id, makers = p.makers || api.makers(c),
      review_reason = NULL, version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, api.now()));
END $$;

-- The operator's key that contributes to the project's draw: announced long enough before the
-- opening, not of the synthetic set.  Null when there is none.
CREATE FUNCTION api.draw_key_for(p market.project, y market.policy) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT k.public_key FROM market.draw_key k, market.setting s
   WHERE s.key = 'operator_key' AND encode(k.public_key, 'hex') = s.value
     AND k.retired_at IS NULL AND k.synthetic = p.synthetic
     AND k.announced_at + api.span(y, 'vrf_key_age') <= p.opened_at
$$;

-- The key that this witness contributes to the project's draw with, by the same rule.
CREATE FUNCTION api.witness_key_for(witness text, p market.project, y market.policy) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT k.public_key FROM market.draw_key k
   WHERE k.name = witness AND k.witness_id IS NOT NULL AND k.retired_at IS NULL AND k.synthetic = p.synthetic
     AND k.announced_at + api.span(y, 'vrf_key_age') <= p.opened_at
$$;

-- TR2: publication.  Freezes the profile, fixes the deadline, opens the draw, commits the budget.
CREATE FUNCTION api.project_publish(p market.project, reviewer text, t timestamptz) RETURNS market.project
LANGUAGE plpgsql AS $$
DECLARE y market.policy := api.policy(p.profile); least_at timestamptz; text_of_notice text;
BEGIN
  PERFORM api.project_check(p, y);
  least_at := api.whole_second(api.due(y, 'notice', t));
  IF p.wanted_deadline_at < least_at THEN
    PERFORM api.refuse('rule', 'TR2', '/deadline_at', '公示期短于规定，截止时间不得早于 ' || api.utc_s(least_at),
      'the notice period is too short; the earliest deadline is ' || api.utc_s(least_at));
  END IF;
  UPDATE market.project m SET state = api.move('project', p.state, 'publish'), reviewer_id = reviewer,
      review_reason = NULL, policy_hash = y.hash, opened_at = t,
      deadline_at = greatest(p.wanted_deadline_at, least_at), version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  IF p.mode <> 'pick' AND api.draw_key_for(p, y) IS NULL THEN
    PERFORM api.refuse('rule', 'TR2', '', '运营方抽取密钥未公告或公告时间不足',
      'the operator''s draw key is not announced, or not early enough');
  END IF;
  IF EXISTS (SELECT FROM unnest(p.witnesses) w WHERE api.witness_key_for(w, p, y) IS NULL) THEN
    PERFORM api.refuse('rule', 'TR2', '/witnesses', '见证方密钥公告时间不足', 'the key of a witness was not announced early enough');
  END IF;
  text_of_notice := api.notice(p);
  BEGIN
    INSERT INTO market.round (project_id, round, notice, commitment, opened_at)
    VALUES (p.id, p.round, text_of_notice, p.commitment, t);
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'draw.commitment', '', '该承诺已在其他轮次使用',
      'this commitment was used in another round');
  END;
  PERFORM api.entry('notice', p.id, reviewer, t, text_of_notice);
  IF p.mode = 'draw' THEN
    INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, commitment, close_at, witnesses, beacon,
      recorded_at)
    VALUES (api.draw_id(p), 1, p.id, p.round, 'main', 'open', p.commitment, p.deadline_at, p.witnesses, p.beacon, t);
    PERFORM api.job_plan('draw_freeze', api.draw_id(p), p.deadline_at);
  ELSE
    PERFORM api.job_plan('project_deadline', p.id, p.deadline_at);
  END IF;
  PERFORM api.post_budget(p, t);
  RETURN p;
END $$;

CREATE FUNCTION api.project_review(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  t := api.now();
  PERFORM api.match(if_match, p.version);
  PERFORM api.move('project', p.state, 'publish');
  IF api.one_hand(c, ARRAY[p.author_id, p.submitter_id], p.makers) THEN
    PERFORM api.refuse('rule', 'TR2', '', '审核人不得是起草人或提交人，双方密钥也不得由对方签发',
      'the reviewer may not be the author, nor may one have made the other''s key');
  END IF;
  IF (body->>'publish')::boolean THEN
    p := api.project_publish(p, c.user_id, t);
  ELSE
    IF coalesce(body->>'reason', '') = '' THEN
      PERFORM api.refuse('bad-input', 'TR2', '/reason', '退回须说明理由', 'sending back needs a reason');
    END IF;
    UPDATE market.project m SET state = api.move('project', p.state, 'send_back'), reviewer_id = c.user_id,
        review_reason = body->>'reason', version = m.version + 1
      WHERE m.id = p.id RETURNING * INTO p;
  END IF;
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, t));
END $$;

-- TR3.  Everything but the title is material: it may change who wants to take part, so the period
-- is extended.  The budget is committed and does not change.
CREATE FUNCTION api.project_amend(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; old market.project; t timestamptz;
  y market.policy; n int; old_notice text; new_notice text; is_material boolean;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  old := api.project_own(id, c);
  t := api.now();
  PERFORM api.match(if_match, old.version);
  PERFORM api.move('project', old.state, 'amend');
  IF t >= old.deadline_at THEN
    PERFORM api.refuse('late', 'TR3', '', '已过截止时间，不能变更公告', 'the deadline has passed');
  END IF;
  p := api.project_fill(old, body);
  y := api.policy_by_hash(old.policy_hash);
  PERFORM api.project_check(p, y);
  IF p.wanted_deadline_at < old.deadline_at AND body ? 'deadline_at' THEN
    PERFORM api.refuse('rule', 'TR3', '/deadline_at', '截止时间不得提前', 'a deadline never moves forward');
  END IF;
  is_material := (p.content, p.price_fen, p.ceiling_fen, p.floor_fen, p.step_fen, p.avoid)
    IS DISTINCT FROM (old.content, old.price_fen, old.ceiling_fen, old.floor_fen, old.step_fen, old.avoid);
  p.deadline_at := greatest(old.deadline_at, CASE WHEN body ? 'deadline_at' THEN p.wanted_deadline_at END,
    CASE WHEN is_material THEN api.whole_second(api.due(y, 'amend_extends', t)) END);
  new_notice := api.notice(p);
  SELECT r.notice INTO STRICT old_notice FROM market.round r WHERE r.project_id = p.id AND r.round = p.round;
  IF new_notice = old_notice THEN
    PERFORM api.refuse('rule', 'TR3', '', '公告内容没有变化', 'the amendment changes nothing');
  END IF;
  SELECT count(*) + 1 INTO n FROM market.amendment m WHERE m.project_id = p.id;
  INSERT INTO market.amendment (project_id, n, round, old_notice, new_notice, material, reason, at)
  VALUES (p.id, n, p.round, old_notice, new_notice, is_material, body->>'reason', t);
  UPDATE market.round r SET notice = new_notice WHERE r.project_id = p.id AND r.round = p.round;
  PERFORM api.entry('amendment', p.id, c.user_id, t, api.canon(jsonb_build_object('n', n,
    'reason', body->>'reason', 'material', is_material, 'notice', new_notice::jsonb)) || E'\n');
  PERFORM api.project_reschedule(p);
  UPDATE market.project m SET deadline_at = p.deadline_at WHERE m.id = p.id;
  p.author_id := old.author_id;
  p := api.project_store(p);
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, t));
END $$;

-- Moves the timers of an open project to its deadline.
CREATE FUNCTION api.project_reschedule(p market.project) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF p.mode = 'draw' THEN
    UPDATE market.draw d SET close_at = p.deadline_at, version = d.version + 1
      WHERE d.id = api.draw_id(p) AND d.state = 'open';
    PERFORM api.job_plan('draw_freeze', api.draw_id(p), p.deadline_at);
  ELSE
    PERFORM api.job_plan('project_deadline', p.id, p.deadline_at);
  END IF;
END $$;

CREATE FUNCTION api.project_round(caller text, need int, idem text, hash bytea, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_own(id, c);
  UPDATE market.project m SET state = api.move('project', p.state, 'round'), round = p.round + 1,
      commitment = NULL, policy_hash = NULL, wanted_deadline_at = NULL, deadline_at = NULL,
      standstill_until = NULL, end_reason = NULL, reviewer_id = NULL, review_reason = NULL,
      author_id = c.user_id, makers = api.makers(c), submitter_id = NULL, version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  RETURN api.finish(c, 201, p.version, api.project_json(p, c, api.now()));
END $$;

CREATE FUNCTION api.project_get(caller text, id text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); p market.project; v api.view;
BEGIN
  SELECT * INTO p FROM market.project m WHERE m.id = project_get.id;
  IF FOUND THEN
    p := api.project_seen(p, c);
  END IF;
  IF p.id IS NULL THEN
    PERFORM api.project_missing();
  END IF;
  v.version := p.version; v.body := api.project_json(p, c, api.now());
  RETURN v;
END $$;

CREATE FUNCTION api.project_list(asked int, cursor text, state text, mode text, item text, category text,
  owner text, q text) RETURNS api.view
LANGUAGE sql STABLE AS $$
  SELECT api.project_page(NULL, asked, cursor, state, mode, item, category, owner, q)
$$;

CREATE FUNCTION api.project_mine(caller text, asked int, cursor text, state text, mode text, item text,
  category text, owner text, q text) RETURNS api.view
LANGUAGE sql STABLE AS $$
  SELECT api.project_page((api.reader(caller)).org_id, asked, cursor, state, mode, item, category, owner, q)
$$;
