-- From the choice to the award (TR7), and who moves up when a winner falls out.

-- TR6: the standing is written; the standstill begins.
CREATE FUNCTION api.project_chosen(p market.project, t timestamptz) RETURNS market.project
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.project m SET state = api.move('project', p.state, 'chosen'), version = m.version + 1,
      standstill_until = api.due(api.policy_by_hash(p.policy_hash), 'standstill', t)
    WHERE m.id = p.id RETURNING * INTO p;
  PERFORM api.job_plan('project_award', p.id, p.standstill_until);
  RETURN p;
END $$;

-- TR7.  With an objection open it does nothing: the decision plans it again.
CREATE FUNCTION api.job_project_award(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project; s market.standing; t timestamptz;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = subject FOR UPDATE;
  t := api.now();
  IF p.state = 'selected' AND t < p.standstill_until THEN
    PERFORM api.job_plan('project_award', subject, p.standstill_until);
    RETURN false;
  END IF;
  PERFORM api.job_plan('project_award', subject, NULL);
  IF p.state <> 'selected' OR EXISTS (SELECT FROM market.objection o
      WHERE o.project_id = p.id AND o.round = p.round AND o.state = 'open') THEN
    RETURN false;
  END IF;
  UPDATE market.project m SET state = api.move('project', p.state, 'award'), version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  UPDATE market.round r SET outcome = 'awarded', ended_at = t WHERE r.project_id = p.id AND r.round = p.round;
  -- After a substitution the other winners have their orders already.
  FOR s IN SELECT * FROM market.standing w WHERE w.project_id = p.id AND w.round = p.round AND w.state = 'winner'
      AND NOT EXISTS (SELECT FROM market.orders o WHERE o.project_id = p.id AND o.round = p.round AND o.place = w.place)
      ORDER BY w.place LOOP
    PERFORM api.order_open(p, s.place, s.agency_id, s.amount_fen, t);
  END LOOP;
  RETURN true;
END $$;

-- The next in order who may still take part; those who may not are marked and passed over.
CREATE FUNCTION api.standing_next(p market.project, t timestamptz) RETURNS market.standing
LANGUAGE plpgsql AS $$
DECLARE s market.standing; why text;
BEGIN
  LOOP
    FOR s IN SELECT * FROM market.standing w WHERE w.project_id = p.id AND w.round = p.round
        AND w.state = 'substitute' ORDER BY w.place LOOP
      why := api.ineligible(s.agency_id, p.item_code, p.item_version, t, p.policy_hash);
      UPDATE market.standing w SET state = CASE WHEN why IS NULL THEN 'winner' ELSE 'disqualified' END, reason = why, at = t
        WHERE w.project_id = p.id AND w.round = p.round AND w.place = s.place RETURNING * INTO s;
      IF why IS NULL THEN
        RETURN s;
      END IF;
      PERFORM api.entry('decline', p.id, 'system:substitute', t, api.canon(jsonb_build_object('project', p.id,
        'round', p.round, 'place', s.place, 'agency', s.agency_id, 'reason', why)) || E'\n');
    END LOOP;
    EXIT WHEN NOT api.standing_more(p, t);
  END LOOP;
  RETURN NULL;
END $$;

-- A winner falls out; the next in order moves up with a standstill of its own.  Nobody left: the
-- round failed, unless it has other winners.  An upheld objection and a disqualification stand as
-- disqualified, the rest as declined.
CREATE FUNCTION api.substitute(project_id text, round int, place int, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE p market.project; s market.standing; heir market.standing;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = substitute.project_id FOR UPDATE;
  UPDATE market.standing w SET reason = substitute.reason, at = substitute.at,
      state = CASE WHEN substitute.reason ~ '^(objection|disqualified)' THEN 'disqualified' ELSE 'declined' END
    WHERE w.project_id = p.id AND w.round = substitute.round AND w.place = substitute.place AND w.state = 'winner'
    RETURNING * INTO s;
  IF NOT FOUND THEN
    RETURN; -- done before
  END IF;
  PERFORM api.order_end(p, substitute.place, substitute.reason, substitute.at);
  PERFORM api.entry('decline', p.id, 'system:substitute', substitute.at, api.canon(jsonb_build_object('project', p.id,
    'round', p.round, 'place', s.place, 'agency', s.agency_id, 'reason', substitute.reason)) || E'\n');
  heir := api.standing_next(p, substitute.at);
  IF heir.place IS NOT NULL THEN
    UPDATE market.project m SET state = api.move('project', p.state, 'substitute'), version = m.version + 1,
        standstill_until = api.due(api.policy_by_hash(p.policy_hash), 'standstill', substitute.at)
      WHERE m.id = p.id RETURNING * INTO p;
    PERFORM api.job_plan('project_award', p.id, p.standstill_until);
  ELSIF NOT EXISTS (SELECT FROM market.standing w WHERE w.project_id = p.id AND w.round = p.round AND w.state = 'winner') THEN
    PERFORM api.round_end(p, 'exhausted', 'exhausted', NULL, ARRAY[]::text[], substitute.at);
  ELSE
    UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id;
    IF p.state <> 'selected' THEN
      PERFORM api.project_follow(p.id, substitute.at);
    END IF;
  END IF;
END $$;

-- The winner gives up, as long as it has no contract.
CREATE FUNCTION api.award_decline(caller text, need int, idem text, hash bytea, if_match bigint, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, idem, hash); p market.project; s market.standing; t timestamptz;
BEGIN
  IF c.done THEN
    RETURN api.replay(c);
  END IF;
  p := api.project_take(id, c);
  t := api.now();
  SELECT * INTO s FROM market.standing w WHERE w.project_id = p.id AND w.round = p.round
    AND w.agency_id = api.agency_of(c.org_id) AND w.state = 'winner';
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '贵机构未中选该项目', 'your agency is no winner of this project');
  END IF;
  PERFORM api.match(if_match, p.version);
  IF p.state NOT IN ('selected', 'awarded') OR EXISTS (SELECT FROM market.orders o WHERE o.project_id = p.id
      AND o.round = p.round AND o.place = s.place AND o.state <> 'awarded') THEN
    PERFORM api.refuse('wrong-state', 'TR8', '', '已签合同，不能放弃中选', 'there is a contract already');
  END IF;
  PERFORM api.credit_event(s.agency_id, 'give-up', p.id || '.' || p.round, t);
  PERFORM api.substitute(p.id, p.round, s.place, 'give-up', t);
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = p.id;
  RETURN api.finish(c, 200, p.version, api.project_json(p, c, t));
END $$;
