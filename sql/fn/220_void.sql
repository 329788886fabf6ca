-- Voids by two people (TR12), the next attempt of a draw, objections during the standstill (TR7),
-- disqualification by two people.

-- The draw of the project's round, in its latest attempt; null before there is one.
CREATE FUNCTION api.draw_of_round(p market.project) RETURNS market.draw LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM market.draw d WHERE d.id = api.draw_id(p)) THEN
    RETURN api.draw_latest(api.draw_id(p));
  END IF;
  RETURN NULL;
END $$;

-- The draw that takes commitments and values: the coefficient's, once it is asked for.
CREATE FUNCTION api.draw_at_work(p market.project) RETURNS market.draw LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF EXISTS (SELECT FROM market.draw d WHERE d.id = api.coefficient_draw(p)) THEN
    RETURN api.draw_latest(api.coefficient_draw(p));
  END IF;
  RETURN api.draw_of_round(p);
END $$;

-- Witnesses whose signature a void owes: everyone who could speak in the attempt and did not stall it.
CREATE FUNCTION api.void_owed(v market.void_request) RETURNS TABLE (name text, public_key bytea)
LANGUAGE sql STABLE AS $$
  SELECT k.name, k.public_key FROM market.contribution k
   WHERE k.draw_id = v.draw_id AND k.attempt = v.attempt AND k.index > 2 AND k.kind = 'vrf-p256'
     AND k.name IS DISTINCT FROM v.stalled
     AND NOT EXISTS (SELECT FROM market.void_signature s WHERE s.void_id = v.id AND s.name = k.name)
   ORDER BY k.index
$$;

CREATE FUNCTION api.void_json(v market.void_request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', v.id, 'project_id', v.project_id, 'round', v.round, 'reason', v.reason,
    'stalled', v.stalled, 'replacement', v.replacement, 'next_attempt', v.again, 'state', v.state,
    'requested_by', v.requested_by, 'confirmed_by', v.confirmed_by, 'record', v.record,
    'owed', coalesce((SELECT json_agg(o.name) FROM api.void_owed(v) o WHERE v.state = 'signing'), '[]'),
    'at', api.utc(v.at), 'confirmed_at', api.utc(v.confirmed_at), 'version', v.version)::text
$$;

-- A void is for a round that has given nobody an order: with several winners one may have a
-- contract while the place of another is filled again.
CREATE FUNCTION api.project_voidable(p market.project) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.move('project', p.state, 'void');
  IF EXISTS (SELECT FROM market.orders o WHERE o.project_id = p.id AND o.round = p.round AND o.state <> 'ended') THEN
    PERFORM api.refuse('wrong-state', 'TR12', '', '本轮已有机构取得订单，不能作废', 'a winner of this round has an order already');
  END IF;
END $$;

-- Who owns a project neither ends it nor judges it, whatever else the organisation is.
CREATE FUNCTION api.project_not_of(p market.project, c api.ctx, rule text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.owner_id = c.org_id THEN
    PERFORM api.refuse('forbidden', rule, '', '贵方为该项目业主，须回避', 'your organisation owns the project and has no part in this');
  END IF;
END $$;

CREATE FUNCTION api.void_missing() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('not-found', '', '', '作废申请不存在', 'no such void request');
END $$;

CREATE FUNCTION api.void_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE r market.void_request; v api.view;
BEGIN
  SELECT * INTO r FROM market.void_request q WHERE q.id = void_get.id;
  IF NOT FOUND THEN
    PERFORM api.void_missing();
  END IF;
  v.version := r.version; v.body := api.void_json(r);
  RETURN v;
END $$;

-- What a void may say.  A witness or beacon that stalled, and a changed list, end the attempt; what
-- else there is ends the round.
CREATE FUNCTION api.void_check(v market.void_request, p market.project, d market.draw) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF (v.reason = 'contributor-stalled') <> (v.stalled IS NOT NULL) THEN
    PERFORM api.refuse('rule', 'TR12', '/stalled', '该理由须且仅该理由可指明停滞方',
      'this reason, and no other, names who stalled');
  END IF;
  IF v.again AND d.state IS DISTINCT FROM 'contributing' THEN
    PERFORM api.refuse('wrong-state', 'draw.attempt', '', '抽取不在贡献阶段，不能重新进行', 'only a frozen draw without result has a next attempt');
  END IF;
  IF v.reason = 'list-changed' AND d.purpose = 'coef' THEN
    PERFORM api.refuse('rule', 'draw.coefficient', '/reason', '随机系数沿用已抽取的名单，不能变更',
      'a coefficient keeps the list of the draw before it, whose order stands');
  END IF;
  IF v.again AND v.stalled IS NOT NULL AND (d.stalled IS DISTINCT FROM v.stalled
      OR (api.draw_awaited(d)).name <> v.stalled) THEN
    PERFORM api.refuse('rule', 'draw.stall', '/stalled', '该贡献者未停滞', 'this contributor did not stall the draw');
  END IF;
  IF v.replacement IS NOT NULL AND (NOT v.again OR NOT coalesce(v.stalled = ANY (d.witnesses), false)
      OR v.replacement = ANY (d.witnesses)
      OR api.witness_key_for(v.replacement, p, api.policy_by_hash(p.policy_hash)) IS NULL) THEN
    PERFORM api.refuse('rule', 'draw.replacement', '/replacement', '替补见证方不合规定',
      'only a witness that stalled is replaced, by another whose key is announced and old enough');
  END IF;
END $$;

CREATE FUNCTION api.project_void(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; v market.void_request;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  PERFORM api.project_not_of(p, c, 'TR12');
  PERFORM api.project_voidable(p);
  v.reason := body->>'reason'; v.stalled := body->>'stalled'; v.replacement := body->>'replacement';
  v.again := v.reason = 'list-changed' OR coalesce(v.stalled NOT IN ('operator', 'owner'), false);
  PERFORM api.void_check(v, p, api.draw_at_work(p));
  BEGIN
    INSERT INTO market.void_request (id, project_id, round, reason, stalled, replacement, again, requested_by,
      makers, regulator, state, at)
    VALUES (api.new_id('vod'), p.id, p.round, v.reason, v.stalled, v.replacement, v.again, c.user_id,
      api.makers(c), (c.roles & 8) <> 0, 'asked', api.now())
    RETURNING * INTO v;
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'TR12', '', '已有待确认的作废申请', 'a void is asked for already');
  END;
  RETURN api.finish(c, 201, v.version, api.void_json(v));
END $$;

-- Locks the project of a void request, first as everywhere.
CREATE FUNCTION api.void_project(want text) RETURNS market.project LANGUAGE plpgsql AS $$
DECLARE p market.project;
BEGIN
  SELECT m.* INTO p FROM market.project m JOIN market.void_request r ON r.project_id = m.id
    WHERE r.id = want FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.void_missing();
  END IF;
  RETURN p;
END $$;

CREATE FUNCTION api.void_confirm(caller text, need int, idem text, hash bytea, if_match bigint, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; v market.void_request; t timestamptz;
  d market.draw;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.void_project(void_confirm.id);
  SELECT * INTO STRICT v FROM market.void_request r WHERE r.id = void_confirm.id;
  t := api.now();
  PERFORM api.project_not_of(p, c, 'TR12');
  PERFORM api.match(if_match, v.version);
  IF v.state <> 'asked' THEN
    PERFORM api.refuse('wrong-state', 'TR12', '', '该申请已处理', 'the request is settled already');
  END IF;
  PERFORM api.project_voidable(p);
  IF api.one_hand(c, ARRAY[v.requested_by], v.makers) THEN
    PERFORM api.refuse('rule', 'TR12', '', '作废须由两人办理，双方密钥也不得由对方签发',
      'a void takes two people, none with a key that the other made');
  END IF;
  v.regulator := v.regulator OR (c.roles & 8) <> 0;
  d := api.draw_at_work(p);
  PERFORM api.void_check(v, p, d);
  IF NOT v.again THEN
    d := api.draw_of_round(p); -- a round ends by its own draw: whose winner is known, its witnesses agree
  END IF;
  UPDATE market.void_request r SET confirmed_by = c.user_id, confirmed_at = t, regulator = v.regulator,
      draw_id = CASE WHEN d.state <> 'void' THEN d.id END, attempt = CASE WHEN d.state <> 'void' THEN d.attempt END,
      record = CASE WHEN d.state <> 'void' THEN api.void_text(d, r.reason, r.stalled, ARRAY[r.requested_by, c.user_id], t) END,
      state = 'signing', version = r.version + 1
    WHERE r.id = v.id RETURNING * INTO v;
  v := api.void_go(v, p, t);
  RETURN api.finish(c, 200, v.version, api.void_json(v));
END $$;

-- Carries a confirmed void out, once every signature that it owes is there: with a VRF value public,
-- two people alone do not end an attempt whose outcome somebody might know.
CREATE FUNCTION api.void_go(v market.void_request, p market.project, t timestamptz) RETURNS market.void_request
LANGUAGE plpgsql AS $$
DECLARE people constant text[] := ARRAY[v.requested_by, v.confirmed_by];
BEGIN
  PERFORM api.project_voidable(p);
  IF (p.state = 'selected' OR NOT v.again AND (api.draw_of_round(p)).state = 'drawn') AND NOT v.regulator THEN
    PERFORM api.refuse('rule', 'TR12', '', '选定后作废须有主管部门参与', 'after the choice a void needs the regulator');
  END IF;
  IF EXISTS (SELECT FROM api.void_owed(v)) THEN
    RETURN v;
  END IF;
  UPDATE market.void_request r SET state = 'confirmed' WHERE r.id = v.id RETURNING * INTO v;
  IF v.again THEN
    PERFORM api.attempt_next(v, p, t);
  ELSE
    PERFORM api.round_end(p, 'void', v.reason, v.stalled, people, t, v.confirmed_at);
  END IF;
  RETURN v;
END $$;

-- Ends an attempt and asks for the next: of the same list, unless that is what changed; without who
-- stalled; under a new commitment, for which the owner has stall_after.
CREATE FUNCTION api.attempt_next(v market.void_request, p market.project, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE d market.draw := api.draw_at_work(p); n market.draw;
BEGIN
  IF (d.attempt, d.state) <> (v.attempt, 'contributing') THEN
    PERFORM api.refuse('conflict', 'draw.attempt', '', '抽取在处理期间已改变', 'the draw is not what the void is about any more');
  END IF;
  UPDATE market.draw w SET state = 'void', void = v.record, version = w.version + 1
    WHERE w.id = d.id AND w.attempt = d.attempt;
  d.void := v.record;
  PERFORM api.entry('void', d.id, v.confirmed_by, t, d.void);
  INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, close_at, stall_at, witnesses, beacon,
    previous, lists_of, version, recorded_at)
  VALUES (d.id, d.attempt + 1, d.project_id, d.round, d.purpose, 'requested', d.close_at,
    api.due(api.policy_by_hash(p.policy_hash), 'stall_after', t),
    CASE WHEN v.replacement IS NULL THEN array_remove(d.witnesses, v.stalled)
      ELSE array_replace(d.witnesses, v.stalled, v.replacement) END,
    CASE WHEN v.stalled = ANY (d.witnesses) OR v.stalled IS NULL THEN d.beacon END,
    api.text_hash(d.void), CASE WHEN v.reason <> 'list-changed' THEN d.attempt END, d.version, t)
  RETURNING * INTO n;
  -- A beacon goes with the last witness: nobody else saw the freeze before its round.
  UPDATE market.draw w SET beacon = NULL WHERE w.id = n.id AND w.attempt = n.attempt AND w.witnesses = '{}';
  UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id;
  PERFORM api.job_plan('draw_stall', n.id, n.stall_at);
END $$;

-- What a witness signs, and the key it signed with before.
CREATE TYPE api.void_sign_view AS (state text, name text, cosign_key text, record text, given text, body text);

CREATE FUNCTION api.void_sign_read(caller text, id text) RETURNS api.void_sign_view
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.reader(caller); r market.void_request; v api.void_sign_view;
BEGIN
  SELECT * INTO r FROM market.void_request q WHERE q.id = void_sign_read.id;
  IF NOT FOUND THEN
    PERFORM api.void_missing();
  END IF;
  SELECT w.name, encode(w.cosign_key, 'hex') INTO v.name, v.cosign_key
    FROM market.contribution k JOIN market.witness w ON w.vrf_key = k.public_key
   WHERE k.draw_id = r.draw_id AND k.attempt = r.attempt AND w.organisation_id = c.org_id;
  IF NOT FOUND THEN
    PERFORM api.refuse('forbidden', 'void.witness', '', '贵方不是该抽取的见证方', 'you are no witness of this draw');
  END IF;
  v.state := r.state; v.record := r.record; v.body := api.void_json(r);
  v.given := (SELECT encode(s.signature, 'hex') FROM market.void_signature s WHERE s.void_id = r.id AND s.name = v.name);
  RETURN v;
END $$;

-- A signature that the step verified.  No Idempotency-Key: Ed25519 gives one signature, so a repeat of
-- it is the same fact, also when the first one was still under way as the step read.
CREATE FUNCTION api.void_sign(caller text, need int, id text, name text, cosign_key bytea, signature bytea)
RETURNS api.answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.begin(caller, need, NULL, NULL); p market.project := api.void_project(void_sign.id);
  v market.void_request; t timestamptz := api.now();
BEGIN
  SELECT * INTO STRICT v FROM market.void_request r WHERE r.id = void_sign.id;
  IF EXISTS (SELECT FROM market.void_signature s JOIN market.witness w ON w.cosign_key = s.public_key
      WHERE (s.void_id, s.name, s.public_key, s.signature) = (v.id, void_sign.name, void_sign.cosign_key, void_sign.signature)
        AND w.organisation_id = c.org_id) THEN
    RETURN api.finish(c, 200, v.version, api.void_json(v));
  END IF;
  IF v.state <> 'signing' THEN
    PERFORM api.refuse('wrong-state', 'void.signing', '', '该作废申请不待签署', 'the void waits for no signature; it is ' || v.state);
  END IF;
  IF NOT EXISTS (SELECT FROM api.void_owed(v) o JOIN market.witness w ON w.vrf_key = o.public_key
      WHERE o.name = void_sign.name AND w.organisation_id = c.org_id AND w.cosign_key = void_sign.cosign_key) THEN
    PERFORM api.refuse('forbidden', 'void.witness', '', '不需要贵方签署', 'your signature is not owed');
  END IF;
  INSERT INTO market.void_signature (void_id, name, public_key, signature, at)
  VALUES (v.id, void_sign.name, void_sign.cosign_key, void_sign.signature, t);
  UPDATE market.void_request r SET version = r.version + 1 WHERE r.id = v.id RETURNING * INTO v;
  v := api.void_go(v, p, t);
  RETURN api.finish(c, 200, v.version, api.void_json(v));
END $$;

-- The signatures of a void, as a record of the transcript.
CREATE FUNCTION api.void_signatures_text(d market.draw) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT E'fairlot-draw/v1\nsignatures ' || d.id || E'\nattempt ' || d.attempt || E'\nvoid '
    || encode(api.text_hash(d.void), 'hex') || E'\n'
    || string_agg('signature ' || s.name || ' ' || encode(s.public_key, 'hex') || ' ' || encode(s.signature, 'hex') || E'\n',
         '' ORDER BY s.name COLLATE "C")
    FROM market.void_request r JOIN market.void_signature s ON s.void_id = r.id
   WHERE r.draw_id = d.id AND r.attempt = d.attempt AND r.state = 'confirmed' AND d.void IS NOT NULL
  HAVING count(*) > 0
$$;

-- A winner that must not be one: an operator asks, a regulator agrees, the next in order moves up.
CREATE FUNCTION api.disqualification_json(q market.disqualification) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', q.id, 'project_id', q.project_id, 'round', q.round, 'place', q.place,
    'reason', q.reason, 'state', q.state, 'requested_by', q.requested_by, 'confirmed_by', q.confirmed_by,
    'at', api.utc(q.at), 'confirmed_at', api.utc(q.confirmed_at), 'version', q.version)::text
$$;

-- Before a contract; afterwards the order's own rules end it.
CREATE FUNCTION api.disqualification_check(p market.project, q market.disqualification) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.round <> q.round OR p.state NOT IN ('selected', 'awarded') OR EXISTS (SELECT FROM market.orders o
      WHERE o.project_id = p.id AND o.round = q.round AND o.place = q.place AND o.state <> 'awarded') THEN
    PERFORM api.refuse('wrong-state', 'draw.disqualify', '', '未选定或已签合同，不能取消中选资格',
      'only a winner without a contract is disqualified');
  END IF;
  IF NOT EXISTS (SELECT FROM market.standing s WHERE s.project_id = p.id AND s.round = q.round
      AND s.place = q.place AND s.state = 'winner') THEN
    PERFORM api.refuse('rule', 'draw.disqualify', '/place', '该名次不是中选机构', 'no winner has this place');
  END IF;
END $$;

CREATE FUNCTION api.disqualification_create(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; q market.disqualification;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  PERFORM api.project_not_of(p, c, 'draw.disqualify');
  q := ROW(api.new_id('dsq'), p.id, p.round, (body->>'place')::int, body->>'reason', c.user_id, NULL, 'asked', 1,
    api.now(), NULL, api.makers(c));
  PERFORM api.disqualification_check(p, q);
  BEGIN
    INSERT INTO market.disqualification SELECT (q).*;
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'draw.disqualify', '', '已有待确认的申请', 'it is asked for already');
  END;
  RETURN api.finish(c, 201, q.version, api.disqualification_json(q));
END $$;

CREATE FUNCTION api.disqualification_confirm(caller text, need int, idem text, hash bytea, if_match bigint, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; q market.disqualification; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  SELECT m.* INTO p FROM market.project m JOIN market.disqualification r ON r.project_id = m.id
    WHERE r.id = disqualification_confirm.id FOR UPDATE OF m;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '申请不存在', 'no such request');
  END IF;
  SELECT * INTO STRICT q FROM market.disqualification r WHERE r.id = disqualification_confirm.id;
  t := api.now();
  PERFORM api.project_not_of(p, c, 'draw.disqualify');
  PERFORM api.match(if_match, q.version);
  IF q.state <> 'asked' THEN
    PERFORM api.refuse('wrong-state', 'draw.disqualify', '', '该申请已处理', 'the request is settled already');
  END IF;
  IF api.one_hand(c, ARRAY[q.requested_by], q.makers) THEN
    PERFORM api.refuse('rule', 'draw.disqualify', '', '须由两人办理，双方密钥也不得由对方签发',
      'it takes two people, none with a key that the other made');
  END IF;
  PERFORM api.disqualification_check(p, q);
  UPDATE market.disqualification r SET state = 'confirmed', confirmed_by = c.user_id, confirmed_at = t,
      version = r.version + 1
    WHERE r.id = q.id RETURNING * INTO q;
  PERFORM api.substitute(p.id, p.round, q.place, 'disqualified:' || q.reason, t);
  RETURN api.finish(c, 200, q.version, api.disqualification_json(q));
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
  -- Counted under the lock of the project.
  IF EXISTS (SELECT FROM market.objection b
      WHERE (b.project_id, b.round, b.user_id, b.state) = (p.id, p.round, c.user_id, 'open')) THEN
    PERFORM api.refuse('duplicate', 'TR7', '', '您的异议尚待处理', 'an objection of yours is open already');
  END IF;
  IF (SELECT count(*) FROM market.objection b WHERE b.project_id = p.id AND b.round = p.round) >= 20 THEN
    PERFORM api.refuse('rule', 'TR7', '', '本轮异议已达 20 件', 'this round has 20 objections, the most it takes');
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
  PERFORM api.project_not_of(p, c, 'TR7');
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
