-- Values, one after the other in the order of the freeze record, and the result that follows from
-- the last.  lib/draw checks a VRF proof and computes the order; what is written carries the version
-- that was read.

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

-- Stores a value; it never changes.
CREATE FUNCTION api.draw_say(d market.draw, nth int, actor text, value bytea, proof bytea, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.contribution m SET value = draw_say.value, proof = draw_say.proof, at = t
    WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = nth;
  PERFORM api.draw_said(d, nth, actor, t);
  -- Who speaks at last is not replaced any more.
  UPDATE market.void_request r SET state = 'lapsed', version = r.version + 1
   WHERE r.project_id = d.project_id AND r.round = d.round AND r.again AND r.state IN ('asked', 'signing')
     AND r.stalled = (SELECT k.name FROM market.contribution k
       WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.index = nth);
END $$;

-- The value of this contributor stands where everyone can see that it stood before the next.
CREATE FUNCTION api.spoken(draw text, attempt int, index int) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM market.contribution k WHERE k.draw_id = draw AND k.attempt = spoken.attempt
    AND k.index = spoken.index AND k.value IS NOT NULL)
$$;

-- Whose value is owed; null: nobody's.
CREATE FUNCTION api.draw_awaited(d market.draw) RETURNS market.contribution LANGUAGE sql STABLE AS $$
  SELECT * FROM market.contribution k WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.value IS NULL
   ORDER BY k.index LIMIT 1
$$;

-- The time for the next contributor runs from the moment in which the one before has spoken; a
-- beacon's from its round.
CREATE FUNCTION api.draw_await(d market.draw, y market.policy, t timestamptz) RETURNS market.draw
LANGUAGE plpgsql AS $$
DECLARE k market.contribution := api.draw_awaited(d);
BEGIN
  UPDATE market.draw w SET version = w.version + 1,
      stall_at = api.due(y, 'stall_after', greatest(t, api.beacon_time(k.kind, k.round)))
    WHERE w.id = d.id AND w.attempt = d.attempt;
  d := api.draw_latest(d.id);
  PERFORM api.job_plan('draw_stall', d.id, d.stall_at);
  RETURN d;
END $$;

-- What a contribution is checked against.  given: what was given already, then only a repeat is
-- taken.  turn: everyone before has spoken.  With the last one come the lists, and in `before` what
-- the others gave, hex, with single spaces.  due: when a beacon's round comes.
CREATE TYPE api.contribution_view AS (state text, "freeze" text, kind text, round text, given text, allowed boolean,
  turn boolean, published boolean, awaited text, last boolean, candidates text, excluded text, before text, due text, version bigint,
  body text);

CREATE FUNCTION api.draw_read(caller text, id text, index int) RETURNS api.contribution_view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); d market.draw := api.draw_latest(id); k market.contribution;
  v api.contribution_view;
BEGIN
  SELECT * INTO k FROM market.contribution m
    WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index = draw_read.index;
  IF NOT FOUND THEN
    IF d."freeze" IS NULL AND draw_read.index BETWEEN 1 AND 3 + cardinality(d.witnesses) THEN
      PERFORM api.refuse('wrong-state', 'draw.frozen', '', '名单尚未冻结', 'the draw is not frozen yet');
    END IF;
    PERFORM api.draw_missing();
  END IF;
  v.state := d.state; v."freeze" := d."freeze"; v.version := d.version; v.body := api.draw_json(d);
  v.kind := k.kind; v.round := k.round; v.due := api.utc(api.beacon_time(k.kind, k.round));
  v.given := encode(coalesce(k.proof, k.value), 'hex'); v.allowed := api.draw_allows(d, k, c);
  v.turn := api.draw_turn(d, k.index); v.published := api.draw_is_public(d); v.awaited := (api.draw_awaited(d)).name;
  v.last := k.index = (SELECT max(m.index) FROM market.contribution m WHERE m.draw_id = d.id AND m.attempt = d.attempt);
  IF v.last AND v.turn AND v.allowed AND k.value IS NULL AND d.state = 'contributing' THEN
    SELECT w.candidates, w.excluded INTO v.candidates, v.excluded
      FROM market.draw w WHERE w.id = d.id AND w.attempt = d.attempt;
    v.before := (SELECT string_agg(encode(coalesce(m.proof, m.value), 'hex'), ' ' ORDER BY m.index)
      FROM market.contribution m WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.index < k.index);
  END IF;
  RETURN v;
END $$;

CREATE FUNCTION api.draw_turn(d market.draw, index int) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT bool_and(api.spoken(d.id, d.attempt, n)) IS NOT FALSE FROM generate_series(1, draw_turn.index - 1) n
$$;

-- What was said so far stands in a checkpoint: who speaks next cannot be said to have spoken before.
-- Where no checkpoint was ever signed there is nothing to wait for.
CREATE FUNCTION api.draw_is_public(d market.draw) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT api.log_signed('journal') = 0 OR NOT EXISTS (
    SELECT FROM market.outbox o
     WHERE o.subject = d.id AND o.kind IN ('freeze', 'contribution') AND NOT EXISTS (
       SELECT FROM market.log_entry e WHERE e.outbox_id = o.id AND e.index < api.log_signed('journal')))
$$;

-- The owner's people, the witness's, and for a beacon whoever has a key to call with: its value is
-- checked, not who brings it.
CREATE FUNCTION api.draw_allows(d market.draw, k market.contribution, c api.ctx) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN k.kind = 'commit' THEN EXISTS (SELECT FROM market.project p
      WHERE p.id = d.project_id AND p.owner_id = c.org_id AND (c.roles & 1) <> 0)
    WHEN k.kind = 'vrf-p256' THEN EXISTS (SELECT FROM market.draw_key w
      WHERE w.public_key = k.public_key AND w.witness_id = c.org_id AND (c.roles & 32) <> 0)
    ELSE c.key_id IS NOT NULL END
$$;

-- What the last line of a result says behind its name; null if the result is about another freeze or
-- seed.
CREATE FUNCTION api.result_line(d market.draw, seed bytea, result text, name text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE head constant text := E'fairlot-draw/v1\ndraw ' || d.id || E'\nattempt ' || d.attempt
       || E'\nfreeze ' || encode(d.freeze_hash, 'hex') || E'\nseed ' || encode(seed, 'hex') || E'\n' || name || ' ';
BEGIN
  RETURN CASE WHEN starts_with(result, head) THEN rtrim(substr(result, length(head) + 1), E'\n') END;
END $$;

CREATE FUNCTION api.result_wrong() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('conflict', 'TR6', '', '结果与名单不符', 'the result does not agree with the list');
END $$;

-- The value of an integer's result, which is in its range.
CREATE FUNCTION api.draw_value(d market.draw, p market.project, seed bytea, result text) RETURNS int
LANGUAGE plpgsql STABLE AS $$
DECLARE line constant text := api.result_line(d, seed, result, 'value');
BEGIN
  IF line ~ '^[1-9][0-9]{0,3}$' AND line::int BETWEEN p.coefficient_lo AND p.coefficient_hi THEN
    RETURN line::int;
  END IF;
  PERFORM api.result_wrong();
END $$;

-- Refuses a result whose order is no permutation of the candidates, or that is about another freeze;
-- answers the order.  Equal numbers, and sums of 64-bit hashes: a mistake shows, at 100,000 as well.
CREATE FUNCTION api.draw_order(d market.draw, seed bytea, result text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE places text[] := string_to_array(api.result_line(d, seed, result, 'order'), ' '); wanted text[];
BEGIN
  IF places IS NOT NULL THEN
    wanted := (SELECT array_agg(split_part(l, ' ', 1)) FROM market.draw w,
      string_to_table(rtrim(w.candidates, E'\n'), E'\n') l WHERE w.id = d.id AND w.attempt = d.attempt);
  END IF;
  IF places IS NULL OR (SELECT (count(*), sum(hashtextextended(r, 0))) FROM unnest(places) r)
      IS DISTINCT FROM (SELECT (count(*), sum(hashtextextended(r, 0))) FROM unnest(wanted) r) THEN
    PERFORM api.result_wrong();
  END IF;
  RETURN places;
END $$;

-- A value and, when it is the last, the result with it.  No Idempotency-Key: the value is forced by
-- the freeze, so a repeat of it is the same fact and answers as the first time.
CREATE FUNCTION api.draw_write(caller text, need int, id text, index int, version bigint, value bytea,
  proof bytea, seed bytea, result text) RETURNS api.answer
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.begin(caller, need, NULL, NULL); p market.project := api.draw_project(draw_write.id);
  d market.draw := api.draw_latest(draw_write.id); k market.contribution; t timestamptz := api.now();
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
  PERFORM api.draw_takes(d, k, draw_write.version, draw_write.value, draw_write.proof, t);
  d := api.draw_named(d, k.name, t);
  PERFORM api.draw_say(d, k.index, c.actor, draw_write.value, draw_write.proof, t);
  IF (api.draw_awaited(d)).index IS NULL THEN
    d := api.draw_end(d, p, draw_write.seed, draw_write.result, t);
  ELSE
    d := api.draw_await(d, api.policy_by_hash(p.policy_hash), t);
  END IF;
  RETURN api.finish(c, 200, d.version, api.draw_json(d));
END $$;

-- The value before the beacon's stands in a checkpoint that a witness of the attempt cosigned, by its
-- clock before the beacon spoke.  Else nobody outside knows that it was not chosen afterwards.
CREATE FUNCTION api.draw_is_seen(d market.draw, beacon market.contribution) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM api.draw_entries(d) e, api.draw_cosigned(d, e.index, NULL, e.before)
    WHERE e.name = 'value-' || beacon.index - 1)
$$;

-- Refuses a value that may not be stored now.
CREATE FUNCTION api.draw_takes(d market.draw, k market.contribution, seen bigint, value bytea, proof bytea, t timestamptz)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE beacon market.contribution;
BEGIN
  IF k.value IS NOT NULL THEN
    PERFORM api.refuse('duplicate', 'draw.once', '/value', '该贡献已提交，不能更改', 'the value is given already and never changes');
  END IF;
  IF d.state <> 'contributing' THEN
    PERFORM api.refuse('wrong-state', 'draw.frozen', '', '抽取不在贡献阶段', 'the draw takes no values now; it is ' || d.state);
  END IF;
  IF NOT api.draw_turn(d, k.index) THEN
    PERFORM api.refuse('wrong-state', 'draw.order', '', '须待前一贡献者提交后再提交',
      'the value of ' || (api.draw_awaited(d)).name || ' comes first');
  END IF;
  IF d.version <> seen THEN
    PERFORM api.refuse('conflict', 'draw.frozen', '', '抽取在处理期间已改变', 'the draw changed since it was read');
  END IF;
  IF k.kind = 'commit' AND t >= d.stall_at THEN
    PERFORM api.refuse('late', 'draw.stall', '', '提交期限已过', 'the time to give this value is over');
  END IF;
  SELECT * INTO beacon FROM market.contribution m WHERE m.draw_id = d.id AND m.attempt = d.attempt AND m.round IS NOT NULL;
  IF k.index < beacon.index AND t >= api.beacon_time(beacon.kind, beacon.round) THEN
    PERFORM api.refuse('late', 'draw.beacon-time', '', '信标轮次已到，不再接受此前的贡献',
      'the round of the beacon has come; no value before it is taken any more');
  END IF;
  IF k.index = beacon.index AND t < api.beacon_time(beacon.kind, beacon.round) THEN
    PERFORM api.refuse('rule', 'draw.beacon-time', '/value', '信标轮次尚未到来', 'the round of the beacon has not come yet');
  END IF;
  IF k.kind = 'commit' AND api.draw_seal('commit', d.id, k.name, value) <> k.public_key THEN
    PERFORM api.refuse('rule', 'draw.commitment', '/value', '该值与承诺不符', 'the value does not open the commitment');
  END IF;
  IF length(value) IS DISTINCT FROM (CASE k.kind WHEN 'nist' THEN 64 ELSE 32 END)
      OR (k.kind = 'vrf-p256' AND length(proof) IS DISTINCT FROM 81)
      OR (k.kind = 'drand' AND sha256(proof) IS DISTINCT FROM value)
      OR (k.kind = 'nist' AND (length(proof) > 2048 OR sha512(proof) IS DISTINCT FROM value)) THEN
    PERFORM api.refuse('conflict', 'draw.value', '/value', '贡献值不完整', 'the value is not one of its kind');
  END IF;
  IF k.index = beacon.index AND NOT api.draw_is_seen(d, beacon) THEN
    PERFORM api.refuse('rule', 'draw.beacon-seen', '/value', '信标轮次之前没有见证方联署前一贡献所在的检查点，须作废本次抽取',
      'no witness had cosigned the value before when the round of the beacon came; only a void goes on from here');
  END IF;
END $$;

-- TR6: the result.
CREATE FUNCTION api.draw_end(d market.draw, p market.project, seed bytea, result text, t timestamptz)
RETURNS market.draw LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE places text[]; says jsonb;
BEGIN
  IF d.purpose = 'coef' THEN
    says := jsonb_build_object('value', api.draw_value(d, p, draw_end.seed, draw_end.result));
  ELSE
    places := api.draw_order(d, draw_end.seed, draw_end.result);
    says := jsonb_build_object('winners', to_jsonb(places[1:api.draw_winners(d, p)]));
  END IF;
  UPDATE market.draw w SET state = 'drawn', seed = draw_end.seed, result = draw_end.result, version = w.version + 1
    WHERE w.id = d.id AND w.attempt = d.attempt;
  d := api.draw_latest(d.id);
  PERFORM api.entry('result', d.id, 'system:draw', t, api.canon(jsonb_build_object('draw', d.id,
    'attempt', d.attempt, 'result', encode(api.text_hash(draw_end.result), 'hex')) || says) || E'\n');
  PERFORM api.job_plan('draw_stall', d.id, NULL);
  UPDATE market.void_request r SET state = 'lapsed', version = r.version + 1
   WHERE r.project_id = p.id AND r.round = p.round AND r.again AND r.state IN ('asked', 'signing');
  PERFORM api.draw_stand(d, p, places, t);
  RETURN d;
END $$;

-- The standing that a drawn order gives, with a coefficient once that is drawn too: the winners and the
-- first substitutes, of whom api.standing_more takes more from the result when they are used up; after a
-- tie the tied ones first, then the other bidders by their best bids.
CREATE FUNCTION api.draw_stand(d market.draw, p market.project, places text[], t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE fen bigint;
BEGIN
  IF d.purpose = 'main' AND p.coefficient_lo IS NOT NULL THEN
    PERFORM api.coefficient_ask(d, p, t);
    RETURN;
  END IF;
  IF d.purpose IN ('main', 'coef') THEN
    fen := api.draw_amount(p);
    INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
    SELECT p.id, p.round, o.n, o.agency, fen, CASE WHEN o.n <= p.winners THEN 'winner' ELSE 'substitute' END, t
      FROM unnest((coalesce(places, api.drawn_order(p)))[1:p.winners + api.standing_ahead()]) WITH ORDINALITY o (agency, n);
  ELSE
    PERFORM api.auction_stand(p, places, t);
  END IF;
  PERFORM api.project_chosen(p, t);
END $$;

-- The order that the round's main draw gave; null before.
CREATE FUNCTION api.drawn_order(p market.project) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT string_to_array(substring(w.result FROM E'\norder ([^\n]*)\n'), ' ')
    FROM market.draw w WHERE w.id = api.draw_id(p) AND w.purpose = 'main' AND w.state = 'drawn'
$$;

CREATE FUNCTION api.standing_ahead() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 20 $$;

-- Enters the next substitutes of a drawn order; false when there are none.
CREATE FUNCTION api.standing_more(p market.project, t timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE last int; fen bigint := api.draw_amount(p);
BEGIN
  SELECT max(s.place) INTO last FROM market.standing s WHERE s.project_id = p.id AND s.round = p.round;
  INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
  SELECT p.id, p.round, last + o.n, o.agency, fen, 'substitute', t
    FROM unnest((api.drawn_order(p))[last + 1:last + api.standing_ahead()]) WITH ORDINALITY o (agency, n);
  RETURN FOUND;
END $$;

-- Names who let its time pass, whether or not the timer of it has run.
CREATE FUNCTION api.draw_named(d market.draw, name text, t timestamptz) RETURNS market.draw
LANGUAGE plpgsql AS $$
BEGIN
  IF t >= d.stall_at AND d.stalled IS DISTINCT FROM draw_named.name THEN
    UPDATE market.draw w SET stalled_at = t, stalled = draw_named.name
      WHERE w.id = d.id AND w.attempt = d.attempt;
    d := api.draw_latest(d.id);
  END IF;
  RETURN d;
END $$;

-- A contributor did not speak in time.  With the operator's value public, an owner who is silent
-- would choose by silence: the round ends.  A witness or a beacon that is silent is named, and waited
-- for until a void (TR12) goes on without it.
CREATE FUNCTION api.job_draw_stall(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project := api.draw_project(subject); d market.draw := api.draw_latest(subject);
  t timestamptz := api.now(); k market.contribution;
BEGIN
  IF d.state = 'contributing' THEN
    k := api.draw_awaited(d);
  ELSIF d.state = 'requested' THEN
    k.name := 'owner'; -- whose new commitment is owed
  END IF;
  IF k.name IS NULL OR t < d.stall_at THEN
    PERFORM api.job_plan('draw_stall', subject, CASE WHEN k.name IS NOT NULL THEN d.stall_at END);
    RETURN false;
  END IF;
  UPDATE market.draw w SET stalled_at = t, stalled = k.name, version = w.version + 1
    WHERE w.id = d.id AND w.attempt = d.attempt;
  PERFORM api.job_plan('draw_stall', subject, NULL);
  IF k.name = 'owner' THEN
    PERFORM api.round_end(p, 'no_result', 'owner-stalled', 'owner', ARRAY[]::text[], t);
  END IF;
  RETURN true;
END $$;
