-- The draw as the database sees it: exact texts in, exact texts out.  Hashes of records, the VRF
-- and the order are computed by the daemon with lib/draw; what is written carries the version
-- that was read and is refused when anything changed since.

-- One row of a draw's list: who, with how many tickets, of which stratum, which sign-up, and the
-- reason that excludes, or null.
CREATE FUNCTION api.draw_list(d market.draw, p market.project)
RETURNS TABLE (agency_id text, weight int, stratum text, salt bytea, leaf bytea, reason text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF d.purpose = 'main' THEN
    RETURN QUERY
      SELECT l.agency_id, CASE p.method WHEN 'weighted' THEN greatest(1, api.credit_at(a, p.deadline_at)) ELSE 1 END,
             CASE p.stratum WHEN 'region' THEN a.region
               WHEN 'category' THEN (SELECT min(g COLLATE "C") FROM unnest(a.categories) g) END,
             l.salt, l.leaf, l.reason
        FROM api.signup_list(p) l JOIN market.agency a ON a.id = l.agency_id;
  ELSE
    RETURN QUERY
      SELECT l.agency_id, 1, NULL::text, l.salt, l.leaf, coalesce(l.reason, CASE
          WHEN b.best IS NULL THEN 'no-bid' WHEN b.best > a.best_fen THEN 'outbid' END)
        FROM market.auction a
        CROSS JOIN api.signup_list(p) l
        LEFT JOIN LATERAL (SELECT min(m.amount_fen) AS best FROM market.bid m
          WHERE m.auction_id = a.id AND m.agency_id = l.agency_id) b ON true
       WHERE a.project_id = d.project_id AND a.round = d.round;
  END IF;
END $$;

-- Who contributes to an attempt, in the order they speak.  public_key: of a VRF, null when none
-- is announced and old enough; of the owner, the commitment; of a drand round, its chain's hash.
-- spare: what the freeze record says of it behind the name.
CREATE FUNCTION api.draw_contributors(d market.draw, p market.project, y market.policy, beacon_round bigint)
RETURNS TABLE (index int, kind text, name text, public_key bytea, round bigint)
LANGUAGE sql STABLE AS $$
  SELECT 1, 'vrf-p256', 'operator', api.draw_key_for(p, y), NULL::bigint
  UNION ALL SELECT 2, 'commit', 'owner', d.commitment, NULL
  UNION ALL SELECT 2 + w.n::int, 'vrf-p256', w.name, api.witness_key_for(w.name, p, y), NULL
    FROM unnest(d.witnesses) WITH ORDINALITY w (name, n)
  UNION ALL SELECT 3 + cardinality(d.witnesses), d.beacon, b.name, b.chain, beacon_round
    FROM api.beacon_chain(d.beacon) b
$$;

-- freeze.txt but for the roots of the lists, which stand as zeros: what lib/draw computes.  Null
-- when a contributor has no key.
CREATE FUNCTION api.freeze_draft(d market.draw, p market.project, y market.policy, candidates int, excluded int,
  beacon_round bigint) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT E'fairlot-draw/v1\norigin ' || (SELECT s.value FROM market.setting s WHERE s.key = 'origin')
    || E'\ndraw ' || d.id || E'\nattempt ' || d.attempt || E'\nprevious ' || coalesce(encode(d.previous, 'hex'), '-')
    || E'\nnotice ' || (SELECT encode(api.text_hash(r.notice), 'hex') FROM market.round r
                         WHERE r.project_id = d.project_id AND r.round = d.round)
    || E'\nrules ' || encode(y.hash, 'hex')
    || E'\nmethod ' || api.draw_method(d, p) || E'\nwinners ' || api.draw_winners(d, p) || E'\n'
    || api.draw_options(d, p)
    || 'candidates ' || candidates || ' ' || repeat('0', 64) || E'\nexcluded ' || excluded || ' ' || repeat('0', 64) || E'\n'
    || (SELECT CASE WHEN bool_and(k.public_key IS NOT NULL OR k.kind = 'nist') THEN
               string_agg('contributor ' || k.index || ' ' || k.kind || ' ' || k.name
                 || coalesce(' ' || encode(k.public_key, 'hex'), '') || coalesce(' ' || k.round, '') || E'\n', ''
                 ORDER BY k.index) END
          FROM api.draw_contributors(d, p, y, beacon_round) k)
    || 'close ' || api.utc_s(d.close_at) || E'\n'
$$;

CREATE FUNCTION api.draw_winners(d market.draw, p market.project) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE d.purpose WHEN 'main' THEN p.winners ELSE 1 END
$$;

CREATE FUNCTION api.draw_minimum(d market.draw, p market.project, y market.policy) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT CASE d.purpose WHEN 'main' THEN api.project_minimum(p, y) ELSE 1 END
$$;

CREATE FUNCTION api.draw_method(d market.draw, p market.project) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE d.purpose WHEN 'main' THEN p.method WHEN 'coef' THEN 'integer' ELSE 'fisher-yates' END
$$;

-- The optional lines of the freeze record.  A weighted draw is the short list of its project; a
-- coefficient has the stream of its purpose.
CREATE FUNCTION api.draw_options(d market.draw, p market.project) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN api.draw_method(d, p) = 'weighted' THEN E'label shortlist\n' ELSE '' END
    || CASE d.purpose WHEN 'main' THEN coalesce((
         SELECT string_agg('quota ' || (q->>'stratum') || ' ' || (q->>'winners') || E'\n', '' ORDER BY q->>'stratum' COLLATE "C")
           FROM jsonb_array_elements(p.quotas) q), '')
       WHEN 'coef' THEN E'label coef\nrange ' || p.coefficient_lo || ' ' || p.coefficient_hi || E'\n' ELSE '' END
$$;

-- What the freeze job reads.  Texts are exact: lines end in LF, sorted bytewise by agency.
CREATE TYPE api.freeze_view AS (state text, due boolean, draft text, candidates text, excluded text, signups text,
  eligible int, minimum int, version bigint);

-- beacon_round: null to choose one.  A coefficient has the lists by which the order was drawn.
CREATE FUNCTION api.draw_freeze_view(d market.draw, p market.project, beacon_round bigint, t timestamptz)
RETURNS api.freeze_view
LANGUAGE plpgsql STABLE AS $$
DECLARE v api.freeze_view; y market.policy := api.policy_by_hash(p.policy_hash); out int;
BEGIN
  v.state := d.state; v.due := t >= d.close_at; v.version := d.version;
  v.minimum := api.draw_minimum(d, p, y);
  SELECT w.candidates, w.excluded, w.signups, api.line_count(w.candidates), api.line_count(w.excluded)
    INTO v.candidates, v.excluded, v.signups, v.eligible, out
    FROM market.draw w WHERE CASE d.purpose WHEN 'coef' THEN w.id = api.draw_id(p) AND w.state = 'drawn'
      ELSE w.id = d.id AND w.attempt = d.lists_of END;
  IF NOT FOUND THEN
    SELECT * INTO v.candidates, v.excluded, v.signups, v.eligible, out FROM api.draw_lists(d, p);
  END IF;
  v.draft := api.freeze_draft(d, p, y, v.eligible, out, coalesce(beacon_round, api.beacon_round_for(d, t)));
  RETURN v;
END $$;

-- candidates.txt, excluded.txt, signups.txt as they are now, and how many lines the first two have.
CREATE FUNCTION api.draw_lists(d market.draw, p market.project)
RETURNS TABLE (candidates text, excluded text, signups text, eligible int, "out" int)
LANGUAGE sql STABLE AS $$
  SELECT coalesce(string_agg(l.agency_id || ' ' || l.weight || ' ' || coalesce(l.stratum, '-') || ' '
             || encode(l.leaf, 'hex') || E'\n', '' ORDER BY l.agency_id COLLATE "C") FILTER (WHERE l.reason IS NULL), ''),
         coalesce(string_agg(l.agency_id || ' ' || l.reason || ' ' || encode(l.leaf, 'hex') || E'\n', ''
           ORDER BY l.agency_id COLLATE "C") FILTER (WHERE l.reason IS NOT NULL), ''),
         coalesce(string_agg(l.agency_id || ' ' || encode(l.salt, 'hex') || E'\n', '' ORDER BY l.agency_id COLLATE "C"), ''),
         count(*) FILTER (WHERE l.reason IS NULL)::int, count(*) FILTER (WHERE l.reason IS NOT NULL)::int
    FROM api.draw_list(d, p) l
$$;

CREATE FUNCTION api.draw_missing() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('not-found', '', '', '抽取不存在', 'no such draw');
END $$;

-- A draw without its long texts: whoever is given a row is given it whole, and lists have megabytes.
CREATE FUNCTION api.draw_latest(want text) RETURNS market.draw LANGUAGE plpgsql STABLE AS $$
DECLARE d market.draw;
BEGIN
  SELECT * INTO d FROM market.draw w WHERE w.id = want ORDER BY w.attempt DESC LIMIT 1;
  IF NOT FOUND THEN
    PERFORM api.draw_missing();
  END IF;
  d.candidates := NULL; d.excluded := NULL; d.signups := NULL; d.result := NULL;
  RETURN d;
END $$;

CREATE FUNCTION api.draw_freeze_read(subject text) RETURNS api.freeze_view
LANGUAGE plpgsql STABLE AS $$
DECLARE d market.draw := api.draw_latest(subject); p market.project;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = d.project_id;
  RETURN api.draw_freeze_view(d, p, NULL, api.now());
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
    PERFORM api.refuse('conflict', 'TR4', '', '抽取在处理期间已改变', 'the draw changed since it was read');
  END IF;
END $$;

-- Freeze and value 1, together.  False: it was done before.
CREATE FUNCTION api.draw_freeze_write(subject text, version bigint, candidates text, excluded text, signups text,
  "freeze" text, freeze_hash bytea, proof bytea, value bytea, public_key bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE p market.project := api.draw_project(subject); d market.draw := api.draw_latest(subject);
  y market.policy := api.policy_by_hash(p.policy_hash); t timestamptz := api.now(); v api.freeze_view;
  beacon_round bigint; excluded_count int;
BEGIN
  IF d.state <> 'open' THEN
    PERFORM api.job_plan('draw_freeze', d.id, NULL);
    RETURN false;
  END IF;
  PERFORM api.draw_freezable(d, draw_freeze_write.version, t);
  beacon_round := substring(draw_freeze_write."freeze" FROM E'\n(?:contributor [0-9]+ (?:drand|nist))[^\n]* ([0-9]{1,15})\nclose')::bigint;
  -- Sign-ups only come and are withdrawn: equal numbers of both are the same sign-ups.
  v.eligible := api.line_count(draw_freeze_write.candidates); excluded_count := api.line_count(draw_freeze_write.excluded);
  IF (v.eligible + excluded_count, (length(draw_freeze_write.excluded)
          - length(replace(draw_freeze_write.excluded, ' withdrawn ', ''))) / length(' withdrawn '))
        IS DISTINCT FROM (SELECT (count(*)::int, count(s.withdrawn_at)::int) FROM market.signup s
        WHERE s.project_id = d.project_id AND s.round = d.round)
      OR v.eligible + excluded_count IS DISTINCT FROM api.line_count(draw_freeze_write.signups)
      OR api.text_hash(draw_freeze_write."freeze") <> draw_freeze_write.freeze_hash THEN
    PERFORM api.refuse('conflict', 'TR4', '', '冻结内容与名单不符', 'the freeze does not agree with the list');
  END IF;
  IF v.eligible < api.draw_minimum(d, p, y) THEN
    PERFORM api.refuse('rule', 'TR5', '', '合格报名不足', 'too few eligible sign-ups');
  END IF;
  v.draft := api.freeze_draft(d, p, y, v.eligible, excluded_count, beacon_round);
  IF v.draft IS NULL OR draw_freeze_write.public_key IS DISTINCT FROM api.draw_key_for(p, y) THEN
    PERFORM api.refuse('rule', 'draw.key', '', '抽取密钥未公告、已停用或公告时间不足',
      'the draw key of a contributor is not announced, is retired, or was not announced early enough');
  END IF;
  IF regexp_replace(draw_freeze_write."freeze", E'\n(candidates|excluded) ([0-9]+) [0-9a-f]{64}(?=\n)',
      E'\n\\1 \\2 ' || repeat('0', 64), 'g') <> v.draft
      OR api.beacon_time(d.beacon, beacon_round) < greatest(d.close_at + interval '120 s', t) THEN
    PERFORM api.refuse('conflict', 'TR4', '', '冻结内容与名单不符', 'the freeze is not the one that was read');
  END IF;
  IF p.state = 'open' THEN
    UPDATE market.project m SET state = api.move('project', api.move('project', p.state, 'deadline'), 'select'),
        version = m.version + 1
      WHERE m.id = p.id RETURNING * INTO p;
  END IF;
  UPDATE market.draw w SET state = 'contributing',
      notice = (SELECT r.notice FROM market.round r WHERE r.project_id = d.project_id AND r.round = d.round),
      rules = y.body, candidates = draw_freeze_write.candidates,
      excluded = draw_freeze_write.excluded, signups = draw_freeze_write.signups,
      "freeze" = draw_freeze_write."freeze", freeze_hash = draw_freeze_write.freeze_hash
    WHERE w.id = d.id AND w.attempt = d.attempt;
  d := api.draw_latest(d.id);
  INSERT INTO market.contribution (draw_id, attempt, index, kind, name, public_key, round)
  SELECT d.id, d.attempt, k.index, k.kind, k.name, k.public_key, k.round
    FROM api.draw_contributors(d, p, y, beacon_round) k;
  PERFORM api.entry('freeze', d.id, 'system:draw_freeze', t, d."freeze");
  PERFORM api.job_plan('draw_freeze', d.id, NULL);
  PERFORM api.draw_say(d, 1, 'system:draw_freeze', draw_freeze_write.value, draw_freeze_write.proof, t);
  PERFORM api.draw_await(d, y, t);
  RETURN true;
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
  v := api.draw_freeze_view(d, p, NULL, t);
  IF v.eligible >= v.minimum THEN
    PERFORM api.refuse('conflict', 'TR5', '', '合格报名已足够', 'there are enough eligible sign-ups');
  END IF;
  UPDATE market.draw w SET candidates = v.candidates, excluded = v.excluded, signups = v.signups
    WHERE w.id = d.id AND w.attempt = d.attempt;
  IF p.state = 'open' THEN
    p.state := api.move('project', p.state, 'deadline');
    PERFORM api.round_end(p, 'too_few', 'too-few', NULL, ARRAY[]::text[], t);
  ELSE
    PERFORM api.round_end(p, 'no_result', 'too-few', NULL, ARRAY[]::text[], t);
  END IF;
  RETURN true;
END $$;
