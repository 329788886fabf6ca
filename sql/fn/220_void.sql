-- Voids by two people (TR12), objections during the standstill (TR7).

CREATE FUNCTION api.void_json(v market.void_request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', v.id, 'project_id', v.project_id, 'round', v.round, 'reason', v.reason,
    'stalled', v.stalled, 'state', v.state, 'requested_by', v.requested_by, 'confirmed_by', v.confirmed_by,
    'at', api.utc(v.at), 'confirmed_at', api.utc(v.confirmed_at), 'version', v.version)::text
$$;

CREATE FUNCTION api.project_void(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; v market.void_request;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  PERFORM api.move('project', p.state, 'void');
  IF (body->>'reason' = 'contributor-stalled') <> (body ? 'stalled') THEN
    PERFORM api.refuse('rule', 'TR12', '/stalled', '该理由须且仅该理由可指明停滞方',
      'this reason, and no other, names who stalled');
  END IF;
  BEGIN
    INSERT INTO market.void_request (id, project_id, round, reason, stalled, requested_by, regulator, state, at)
    VALUES (api.new_id('vod'), p.id, p.round, body->>'reason', body->>'stalled', c.user_id,
      (c.roles & 8) <> 0, 'asked', api.now())
    RETURNING * INTO v;
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'TR12', '', '已有待确认的作废申请', 'a void is asked for already');
  END;
  RETURN api.finish(c, 201, v.version, api.void_json(v));
END $$;

CREATE FUNCTION api.void_confirm(caller text, need int, idem text, hash bytea, if_match bigint, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; v market.void_request; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  -- The project is locked first, as everywhere; then the request is read again under that lock.
  SELECT m.* INTO p FROM market.project m JOIN market.void_request r ON r.project_id = m.id
    WHERE r.id = void_confirm.id FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '作废申请不存在', 'no such void request');
  END IF;
  SELECT * INTO STRICT v FROM market.void_request r WHERE r.id = void_confirm.id;
  t := api.now();
  PERFORM api.match(if_match, v.version);
  IF v.state <> 'asked' THEN
    PERFORM api.refuse('wrong-state', 'TR12', '', '该申请已处理', 'the request is settled already');
  END IF;
  PERFORM api.move('project', p.state, 'void');
  IF v.requested_by = c.user_id THEN
    PERFORM api.refuse('rule', 'TR12', '', '作废须由两人办理', 'a void takes two people');
  END IF;
  IF p.state = 'selected' AND NOT v.regulator AND (c.roles & 8) = 0 THEN
    PERFORM api.refuse('rule', 'TR12', '', '选定后作废须有主管部门参与', 'after the choice a void needs the regulator');
  END IF;
  UPDATE market.void_request r SET state = 'confirmed', confirmed_by = c.user_id, confirmed_at = t,
      version = r.version + 1
    WHERE r.id = v.id RETURNING * INTO v;
  PERFORM api.round_end(p, 'void', v.reason, v.stalled, ARRAY[v.requested_by, c.user_id], t);
  RETURN api.finish(c, 200, v.version, api.void_json(v));
END $$;

CREATE FUNCTION api.objection_create(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; o market.objection; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  t := api.now();
  IF p.state <> 'selected' THEN
    PERFORM api.refuse('wrong-state', 'TR7', '', '只在结果公示期内可提出异议', 'objections are for the standstill only');
  END IF;
  IF t >= p.standstill_until THEN
    PERFORM api.refuse('late', 'TR7', '', '结果公示期已过', 'the standstill is over');
  END IF;
  INSERT INTO market.objection (id, project_id, round, user_id, body, state, at)
  VALUES (api.new_id('obj'), p.id, p.round, c.user_id, body->>'body', 'open', t) RETURNING * INTO o;
  RETURN api.finish(c, 201, o.version, api.objection_json(o)::text);
END $$;

-- Upheld: the winner it is about (the first, if the decision names none) is disqualified and the
-- next moves up.  Dismissed: the award goes on once no objection is open.
CREATE FUNCTION api.objection_decide(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; o market.objection; t timestamptz;
  loser market.standing;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  SELECT m.* INTO p FROM market.project m JOIN market.objection b ON b.project_id = m.id
    WHERE b.id = objection_decide.id FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '异议不存在', 'no such objection');
  END IF;
  SELECT * INTO STRICT o FROM market.objection b WHERE b.id = objection_decide.id;
  t := api.now();
  PERFORM api.match(if_match, o.version);
  IF o.state <> 'open' THEN
    PERFORM api.refuse('wrong-state', 'TR7', '', '该异议已处理', 'the objection is decided already');
  END IF;
  IF o.user_id = c.user_id THEN
    PERFORM api.refuse('rule', 'TR7', '', '异议人不得自行处理', 'nobody decides an objection of their own');
  END IF;
  UPDATE market.objection b SET state = objection_decide.body->>'decision', decision = objection_decide.body->>'reason',
      decided_by = c.user_id,
      decided_at = t, version = b.version + 1
    WHERE b.id = o.id RETURNING * INTO o;
  IF p.state = 'selected' AND p.round = o.round THEN
    IF o.state = 'upheld' THEN
      SELECT * INTO loser FROM market.standing s
        WHERE s.project_id = p.id AND s.round = p.round AND s.state = 'winner'
          AND s.place = coalesce((body->>'place')::int, s.place) ORDER BY s.place LIMIT 1;
      IF NOT FOUND THEN
        PERFORM api.refuse('rule', 'TR7', '/place', '该名次不是中选机构', 'no winner has this place');
      END IF;
      PERFORM api.credit_event(loser.agency_id, 'objection-upheld', o.id, t);
      PERFORM api.substitute(p.id, p.round, loser.place, 'objection-upheld', t);
    ELSE
      PERFORM api.job_plan('project_award', p.id, greatest(t, p.standstill_until));
    END IF;
  END IF;
  RETURN api.finish(c, 200, o.version, api.objection_json(o)::text);
END $$;
