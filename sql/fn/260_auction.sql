-- The live reverse auction.  A bid is judged by one function under the auction's row lock, with a
-- clock read after the lock; the job that ends an auction only makes a fact visible.

-- Begins the auction of a closed project.  Labels are in random order, so they tell nothing.
CREATE FUNCTION api.auction_start(p market.project, y market.policy, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE a market.auction; extension constant interval := api.span(y, 'auction_window');
BEGIN
  -- The published deadline, unless nobody could have bid then because no daemon ran.
  a.starts_at := CASE WHEN t < p.deadline_at + extension THEN p.deadline_at ELSE t END;
  INSERT INTO market.auction (id, project_id, round, state, ceiling_fen, floor_fen, step_fen, extension_window,
    starts_at, effective_end, hard_end, recorded_at)
  VALUES (api.new_id('auc'), p.id, p.round, 'live', p.ceiling_fen, p.floor_fen,
    coalesce(p.step_fen, api.setting_int(y, 'auction_step_min_fen')), extension, a.starts_at,
    a.starts_at + least(api.span(y, 'auction_duration'), api.span(y, 'auction_hard')),
    a.starts_at + api.span(y, 'auction_hard'), t)
  RETURNING * INTO a;
  UPDATE market.signup s SET label = 'B' || l.n
    FROM (SELECT e.id, row_number() OVER (ORDER BY gen_random_uuid()) AS n
            FROM api.signup_list(p) e WHERE e.reason IS NULL) l
   WHERE s.id = l.id;
  PERFORM api.job_plan('auction_end', a.id, a.effective_end);
END $$;

-- TR4 and TR5 of a pick or an auction.
CREATE FUNCTION api.job_project_deadline(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project; t timestamptz; y market.policy; able int;
BEGIN
  SELECT * INTO STRICT p FROM market.project m WHERE m.id = subject FOR UPDATE;
  t := api.now();
  IF p.state <> 'open' OR p.mode = 'draw' THEN
    PERFORM api.job_plan('project_deadline', subject, NULL);
    RETURN false;
  END IF;
  IF t < p.deadline_at THEN
    PERFORM api.job_plan('project_deadline', subject, p.deadline_at);
    RETURN false;
  END IF;
  y := api.policy_by_hash(p.policy_hash);
  p.state := api.move('project', p.state, 'deadline');
  able := CASE p.mode WHEN 'pick' THEN api.pick_count(p, p.deadline_at)
    ELSE (SELECT count(*) FROM api.signup_list(p) l WHERE l.reason IS NULL) END;
  IF able < api.project_minimum(p, y) THEN
    PERFORM api.round_end(p, 'too_few', 'too-few', NULL, ARRAY[]::text[], t);
    RETURN true;
  END IF;
  UPDATE market.project m SET state = api.move('project', p.state, 'select'), version = m.version + 1
    WHERE m.id = p.id RETURNING * INTO p;
  PERFORM api.job_plan('project_deadline', subject, NULL);
  IF p.mode = 'auction' THEN
    PERFORM api.auction_start(p, y, t);
  END IF;
  RETURN true;
END $$;

-- The bid rule.  t: the bid's time.  there: this bidder stands at the floor already.  Null when it
-- is accepted.  tests/prop/auction_test.c holds a second statement of it against this one.
CREATE FUNCTION api.bid_fault(a market.auction, amount_fen bigint, there boolean, t timestamptz)
RETURNS api.refusal LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF a.state IN ('failed', 'void') THEN
    RETURN api.fault('wrong-state', 'auction.end', '', '竞价已作废', 'the auction came to nothing');
  END IF;
  IF a.state <> 'live' OR t >= a.effective_end THEN
    RETURN api.fault('late', 'auction.end', '', '竞价已结束', 'the auction has ended');
  END IF;
  IF amount_fen > a.ceiling_fen THEN
    RETURN api.fault('bid-too-high', 'auction.ceiling', '/amount_fen', '报价高于最高限价', 'the bid is above the ceiling');
  END IF;
  IF amount_fen < a.floor_fen THEN
    RETURN api.fault('rule', 'auction.floor', '/amount_fen', '报价低于最低限价', 'the bid is below the floor');
  END IF;
  IF a.best_fen IS NULL OR amount_fen <= a.best_fen - a.step_fen THEN
    RETURN NULL;
  END IF;
  IF amount_fen IS DISTINCT FROM a.floor_fen THEN
    RETURN api.fault('bid-too-high', 'auction.step', '/amount_fen', '报价未达到最小降价幅度，应不高于 ' || greatest(a.best_fen - a.step_fen, a.floor_fen),
      'the bid does not improve by the step; it must be at most ' || greatest(a.best_fen - a.step_fen, a.floor_fen));
  END IF;
  IF there THEN
    RETURN api.fault('duplicate', 'auction.floor-once', '/amount_fen', '贵机构已报最低限价', 'your bid stands at the floor already');
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION api.auction_missing() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.refuse('not-found', '', '', '竞价不存在', 'no such auction');
END $$;

CREATE FUNCTION api.auction_bid(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.receipt_answer LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE c api.ctx := api.begin(caller, need, idem, hash); a market.auction; b market.bid; who market.signup;
  fault api.refusal; t timestamptz; fen bigint := (body->>'amount_fen')::bigint; there boolean;
BEGIN
  IF c.done THEN
    RETURN api.with_receipt(api.replay(c), decode(c.body::json->>'leaf', 'hex'));
  END IF;
  SELECT * INTO a FROM market.auction m WHERE m.id = auction_bid.id FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api.auction_missing();
  END IF;
  t := greatest(api.now(), a.starts_at, a.last_bid_at); -- clocks of several servers differ a little
  SELECT * INTO who FROM market.signup s WHERE s.project_id = a.project_id AND s.round = a.round
    AND s.agency_id = api.agency_of(c.org_id) AND s.label IS NOT NULL;
  IF NOT FOUND THEN
    PERFORM api.refuse('ineligible', 'auction.bidder', '', '贵机构未报名或不合格，不能报价',
      'your agency is not a bidder of this auction');
  END IF;
  -- Only a bid at the floor can meet its like: the others cost no look at those before.
  there := fen = a.floor_fen AND EXISTS (SELECT FROM market.bid m WHERE m.auction_id = a.id
    AND m.amount_fen = fen AND m.agency_id = who.agency_id);
  fault := api.bid_fault(a, fen, there, t);
  IF fault.code IS NOT NULL THEN
    PERFORM api.refuse(fault.code, fault.rule, fault.pointer, fault.zh, fault.en);
  END IF;
  INSERT INTO market.bid (auction_id, seq, agency_id, label, amount_fen, at, leaf)
  VALUES (a.id, a.bids + 1, who.agency_id, who.label, fen, t,
    api.entry('bid', a.id, who.label, t, api.canon(jsonb_build_object('auction', a.id, 'seq', a.bids + 1,
      'label', who.label, 'amount_fen', fen)) || E'\n'))
  RETURNING * INTO b;
  UPDATE market.auction m SET bids = m.bids + 1, last_bid_at = t, version = m.version + 1,
      best_fen = least(m.best_fen, fen),
      effective_end = CASE WHEN t >= m.effective_end - m.extension_window AND (m.best_fen IS NULL OR fen < m.best_fen)
        THEN greatest(m.effective_end, least(m.hard_end, t + m.extension_window)) ELSE m.effective_end END
    WHERE m.id = a.id RETURNING * INTO a;
  RETURN api.with_receipt(api.finish(c, 201, NULL, (api.bid_json(b, a)::jsonb || jsonb_build_object(
    'auction_id', a.id, 'leaf', encode(b.leaf, 'hex'), 'best_fen', a.best_fen,
    'effective_end', api.utc(a.effective_end)))::text), b.leaf);
END $$;

-- Who bid is told when the auction has ended.
CREATE FUNCTION api.bid_json(b market.bid, a market.auction) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('seq', b.seq, 'label', b.label, 'amount_fen', b.amount_fen, 'at', api.utc_us(b.at),
    'agency_id', CASE a.state WHEN 'ended' THEN b.agency_id END)
$$;

CREATE FUNCTION api.auction_label_json(a market.auction) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(json_build_object('label', s.label,
      'agency_id', CASE a.state WHEN 'ended' THEN s.agency_id END) ORDER BY length(s.label), s.label), '[]')
    FROM market.signup s WHERE s.project_id = a.project_id AND s.round = a.round AND s.label IS NOT NULL);
END $$;

CREATE FUNCTION api.auction_json(a market.auction, t timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('id', a.id, 'project_id', a.project_id, 'round', a.round, 'state', a.state,
    'ceiling_fen', a.ceiling_fen, 'floor_fen', a.floor_fen, 'step_fen', a.step_fen,
    'window_s', extract(epoch FROM a.extension_window)::int, 'starts_at', api.utc(a.starts_at),
    'effective_end', api.utc(a.effective_end), 'hard_end', api.utc(a.hard_end), 'best_fen', a.best_fen,
    'best_label', (SELECT b.label FROM market.bid b WHERE b.auction_id = a.id AND b.amount_fen = a.best_fen
                    ORDER BY b.seq LIMIT 1),
    'bids', a.bids, 'bidders', api.auction_label_json(a), 'server_time', api.utc(t), 'version', a.version)::text);
END $$;

CREATE FUNCTION api.auction_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE a market.auction; v api.view;
BEGIN
  SELECT * INTO a FROM market.auction m WHERE m.id = auction_get.id;
  IF NOT FOUND THEN
    PERFORM api.auction_missing();
  END IF;
  v.version := a.version; v.body := api.auction_json(a, api.now());
  RETURN v;
END $$;

CREATE FUNCTION api.auction_bids(id text, asked int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE a market.auction; after text[] := api.cursor_parts(cursor, '^(\d{1,9})$'); keys text[]; items json[];
BEGIN
  SELECT * INTO a FROM market.auction m WHERE m.id = auction_bids.id;
  IF NOT FOUND THEN
    PERFORM api.auction_missing();
  END IF;
  SELECT array_agg(b.seq::text ORDER BY b.seq), array_agg(api.bid_json(b, a) ORDER BY b.seq) INTO keys, items
    FROM (SELECT * FROM market.bid m WHERE m.auction_id = a.id AND m.seq > coalesce(after[1]::int, 0)
           ORDER BY m.seq LIMIT coalesce(asked, 50) + 1) b;
  RETURN api.page(keys, items, asked);
END $$;

-- Every bidder's best bid, best first; of equals the earlier.
CREATE FUNCTION api.auction_ranking(auction text) RETURNS TABLE (place bigint, agency_id text, amount_fen bigint)
LANGUAGE sql STABLE AS $$
  SELECT row_number() OVER (ORDER BY m.amount_fen, m.seq), m.agency_id, m.amount_fen
    FROM (SELECT DISTINCT ON (b.agency_id) b.agency_id, b.amount_fen, b.seq FROM market.bid b
           WHERE b.auction_id = auction ORDER BY b.agency_id, b.amount_fen, b.seq) m
$$;

-- The standing of a round decided by bids.  first: the order in which a draw put the tied ones.
CREATE FUNCTION api.auction_stand(p market.project, first text[], t timestamptz) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
  SELECT p.id, p.round, r.n, r.agency_id, r.amount_fen, CASE r.n WHEN 1 THEN 'winner' ELSE 'substitute' END, t
    FROM (SELECT k.agency_id, k.amount_fen,
              row_number() OVER (ORDER BY array_position(first, k.agency_id) NULLS LAST, k.place) AS n
            FROM market.auction a, api.auction_ranking(a.id) k
           WHERE a.project_id = p.id AND a.round = p.round) r
$$;

-- A tie is a draw of its own over the tied agencies, as soon as the auction has ended.
CREATE FUNCTION api.auction_tie(p market.project, a market.auction, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, commitment, close_at, witnesses, beacon,
    recorded_at)
  VALUES (api.draw_id(p), 1, p.id, p.round, 'tie', 'open', p.commitment, date_trunc('second', a.effective_end),
    p.witnesses, p.beacon, t);
  PERFORM api.job_plan('draw_freeze', api.draw_id(p), t);
  UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id;
END $$;

CREATE FUNCTION api.job_auction_end(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE p market.project; a market.auction; t timestamptz; y market.policy; bidders int; tied int;
BEGIN
  SELECT m.* INTO STRICT p FROM market.project m JOIN market.auction u ON u.project_id = m.id
    WHERE u.id = subject FOR UPDATE OF m;
  SELECT * INTO STRICT a FROM market.auction m WHERE m.id = subject FOR UPDATE;
  t := api.now();
  IF a.state = 'live' AND t < a.effective_end THEN
    PERFORM api.job_plan('auction_end', a.id, a.effective_end); -- bids moved it
    RETURN false;
  END IF;
  PERFORM api.job_plan('auction_end', a.id, NULL);
  IF a.state <> 'live' THEN
    RETURN false;
  END IF;
  y := api.policy_by_hash(p.policy_hash);
  SELECT count(*), count(*) FILTER (WHERE r.amount_fen = a.best_fen) INTO bidders, tied FROM api.auction_ranking(a.id) r;
  IF bidders < api.project_minimum(p, y) THEN
    PERFORM api.round_end(p, 'no_result', 'too-few-bidders', NULL, ARRAY[]::text[], t);
    RETURN true;
  END IF;
  UPDATE market.auction m SET state = 'ended', version = m.version + 1 WHERE m.id = a.id RETURNING * INTO a;
  PERFORM api.entry('auction-end', a.id, 'system:auction_end', t, api.canon(jsonb_build_object('auction', a.id,
    'project', p.id, 'round', p.round, 'bids', a.bids, 'best_fen', a.best_fen, 'effective_end', api.utc_us(a.effective_end),
    'labels', (SELECT jsonb_object_agg(s.label, s.agency_id) FROM market.signup s
                WHERE s.project_id = a.project_id AND s.round = a.round AND s.label IS NOT NULL))) || E'\n');
  IF tied > 1 AND api.setting(y, 'tie_rule') = 'draw' THEN
    PERFORM api.auction_tie(p, a, t);
  ELSE
    PERFORM api.auction_stand(p, ARRAY[]::text[], t);
    PERFORM api.project_chosen(p, t);
  END IF;
  RETURN true;
END $$;
