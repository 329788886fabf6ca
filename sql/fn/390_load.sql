-- Loading a generated data set (daemon/load.c), offline, by the migrator, into an empty market.
-- Rows come with their business times; what follows from a row (ledger, journal, notices, orders)
-- is made by the functions that make it in a live market.  recorded_at stays the time of loading.

-- Empty: nobody ever registered, nothing was ever posted.  An operator may exist already.
CREATE FUNCTION api.load_begin(name text, public_key bytea, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE y market.policy;
BEGIN
  LOCK TABLE market.organisation, market.project IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM market.agency) OR EXISTS (SELECT FROM market.project)
    OR EXISTS (SELECT FROM market.organisation o WHERE o.kind IN ('owner', 'agency')) THEN
    RETURN false;
  END IF;
  -- The set's own profile: cn-default with a key of any age.  Never in force, so never chosen.
  SELECT * INTO STRICT y FROM market.policy p
   WHERE p.name = 'cn-default' AND p.in_force ORDER BY p.version DESC LIMIT 1;
  y.body := regexp_replace(y.body, E'\nvrf_key_age [^\n]*\n', E'\nvrf_key_age 0s\n');
  y.settings := y.settings || '{"vrf_key_age": "0s"}';
  y.hash := sha256(convert_to(y.body, 'UTF8'));
  INSERT INTO market.policy (hash, name, version, body, settings, in_force, synthetic, recorded_at)
  VALUES (y.hash, load_begin.name, 1, y.body, y.settings, false, true, api.now());
  PERFORM api.entry('policy', load_begin.name || '.1', 'synthetic', at, y.body);
  INSERT INTO market.draw_key (public_key, name, announced_at, retired_at, synthetic)
  VALUES (load_begin.public_key, load_begin.name, at, at + interval '1 year', true);
  PERFORM api.entry('key-announced', load_begin.name, 'synthetic', at, api.canon(jsonb_build_object(
    'kind', 'vrf-p256', 'name', load_begin.name, 'synthetic', true,
    'public_key', encode(load_begin.public_key, 'hex'))) || E'\n');
  RETURN true;
END $$;

-- What the generator asks for: working days as days since 1970, items with the qualification they
-- need and the grades that are enough, regions.
CREATE FUNCTION api.load_days(first date, last date) RETURNS TABLE (day int) LANGUAGE sql STABLE AS $$
  SELECT d::date - '1970-01-01'::date FROM generate_series(first, last, interval '1 day') d
   WHERE api.is_working_day(d::date) ORDER BY d
$$;

CREATE FUNCTION api.load_items()
RETURNS TABLE (code text, version int, category text, name text, working_days int,
  qualification text, grades text)
LANGUAGE sql STABLE AS $$
  SELECT i.code, i.version, i.category_code, i.name_zh, i.working_days, e.n ->> 'qualification',
    (SELECT string_agg(g.grade, '|' ORDER BY g.n) FROM unnest(q.grades) WITH ORDINALITY g (grade, n)
      WHERE e.n ->> 'grade' IS NULL OR g.n <= array_position(q.grades, e.n ->> 'grade'))
    FROM market.item i
    LEFT JOIN LATERAL jsonb_array_elements(coalesce(i.rule -> 'any', i.rule -> 'all')) e (n) ON true
    LEFT JOIN market.qualification q ON q.code = e.n ->> 'qualification'
   WHERE i.active AND i.version = (SELECT max(j.version) FROM market.item j WHERE j.code = i.code)
   ORDER BY i.code COLLATE "C", (e.n ->> 'qualification') COLLATE "C"
$$;

CREATE FUNCTION api.load_categories() RETURNS TABLE (code text, name text) LANGUAGE sql STABLE AS $$
  SELECT c.code, c.name_zh FROM market.category c ORDER BY c.code COLLATE "C"
$$;

CREATE FUNCTION api.load_organisations(lines jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO market.organisation (id, kind, name, credit_code, region, synthetic, registered_at, recorded_at)
  SELECT o.id, o.kind, o.name, o.credit_code, o.region, true, o.at, api.now()
    FROM jsonb_to_recordset(lines) o (id text, kind text, name text, credit_code text, region text, at timestamptz)
$$;

CREATE FUNCTION api.load_people(lines jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO market.person (id, organisation_id, name, roles, registered_at, recorded_at)
  SELECT u.id, u.org, u.name, u.roles, u.at, api.now()
    FROM jsonb_to_recordset(lines) u (id text, org text, name text, roles int, at timestamptz)
$$;

CREATE FUNCTION api.load_agencies(lines jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE a market.agency; line jsonb;
BEGIN
  FOR line IN SELECT * FROM jsonb_array_elements(lines) LOOP
    a := jsonb_populate_record(NULL::market.agency, line || jsonb_build_object('state', 'active',
      'credit_points', 100, 'synthetic', true, 'version', 4, 'recorded_at', api.now()));
    a.search := api.normal(a.name || ' ' || (SELECT o.credit_code FROM market.organisation o WHERE o.id = a.organisation_id));
    INSERT INTO market.agency SELECT (a).*;
    INSERT INTO market.certificate (id, agency_id, qualification_code, grade, issuer, number,
      expires_on, state, recorded_at)
    SELECT c.id, a.id, c.qualification, c.grade, c.issuer, c.number, c.expires_on, 'valid', api.now()
      FROM jsonb_to_recordset(line -> 'certificates') c (id text, qualification text, grade text,
        issuer text, number text, expires_on date);
    PERFORM api.agency_entry(a, 'activate', 'system:agency_activate', (line ->> 'active_at')::timestamptz);
  END LOOP;
END $$;

CREATE FUNCTION api.load_offers(lines jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO market.offer (id, agency_id, item_code, title, price_fen, working_days, promise, state,
    created_at, recorded_at)
  SELECT o.id, o.agency, o.item, o.title, o.price_fen, o.working_days, o.promise, 'listed', o.at, api.now()
    FROM jsonb_to_recordset(lines) o (id text, agency text, item text, title text, price_fen bigint,
      working_days int, promise text, at timestamptz)
$$;

-- A project as it ended, its notice, its budget and the sign-ups of its only round.  Answers what
-- a freeze needs: hashes of notice and rules, the origin, and each sign-up's leaf by agency.
CREATE FUNCTION api.load_project(line jsonb, signups jsonb)
RETURNS TABLE (agency text, leaf text, notice text, rules text, origin text, close_at text)
LANGUAGE plpgsql AS $$
DECLARE p market.project; y market.policy; s record; said text; draw text;
BEGIN
  SELECT * INTO STRICT y FROM market.policy q WHERE q.synthetic AND q.name = line ->> 'profile';
  p := jsonb_populate_record(NULL::market.project, line || jsonb_build_object('avoid', '[]'::jsonb,
    'witnesses', '[]'::jsonb, 'quotas', '[]'::jsonb, 'method', 'fisher-yates',
    'state', 'paid', 'round', 1, 'winners', 1, 'synthetic', true, 'version', 12,
    'submitter_id', line ->> 'author_id', 'recorded_at', api.now()));
  p.policy_hash := y.hash;
  p.search := api.normal(p.title || ' ' || p.content);
  INSERT INTO market.project SELECT (p).*;
  said := api.notice(p);
  draw := api.draw_id(p);
  INSERT INTO market.round (project_id, round, notice, commitment, opened_at, outcome, ended_at)
  VALUES (p.id, 1, said, p.commitment, p.opened_at, 'awarded', (line ->> 'awarded_at')::timestamptz);
  PERFORM api.entry('notice', p.id, p.reviewer_id, p.opened_at, said);
  PERFORM api.post_budget(p, p.opened_at);
  notice := encode(api.text_hash(said), 'hex');
  rules := encode(y.hash, 'hex');
  origin := api.market_setting('origin');
  close_at := api.utc_s(p.deadline_at);
  FOR s IN SELECT * FROM jsonb_to_recordset(signups) r (id text, agency text, salt bytea, label text,
      at timestamptz, withdrawn_at timestamptz) ORDER BY r.at LOOP
    INSERT INTO market.signup (id, project_id, round, agency_id, ticket, salt, leaf, withdrawn_at,
      label, version, at, recorded_at)
    VALUES (s.id, p.id, 1, s.agency, api.ticket(s.agency), s.salt,
      api.entry('signup', draw, '-', s.at, api.canon(jsonb_build_object('draw', draw,
        'seal', encode(api.draw_seal('signup', draw, s.agency, s.salt), 'hex'))) || E'\n'),
      s.withdrawn_at, s.label, 1, s.at, api.now())
    RETURNING signup.agency_id, encode(signup.leaf, 'hex') INTO agency, leaf;
    RETURN NEXT;
  END LOOP;
  IF agency IS NULL THEN
    RETURN NEXT;
  END IF;
END $$;

-- A draw that was computed by lib/draw: its exact texts, both contributions, the standing.
CREATE FUNCTION api.load_draw(line jsonb, candidates text, excluded text, signups text, "freeze" text,
  result text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  d market.draw; p market.project; owner text; places text[];
  frozen constant timestamptz := (line ->> 'frozen_at')::timestamptz;
  drawn constant timestamptz := (line ->> 'drawn_at')::timestamptz;
BEGIN
  SELECT * INTO STRICT p FROM market.project q WHERE q.id = line ->> 'project_id';
  INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, commitment, close_at,
    stall_at, notice, rules, candidates, excluded, signups, "freeze", freeze_hash, seed, result,
    version, recorded_at)
  SELECT api.draw_id(p), 1, p.id, 1, 'main', 'drawn', p.commitment, p.deadline_at,
    api.due(y, 'stall_after', frozen), r.notice, y.body, load_draw.candidates, load_draw.excluded,
    load_draw.signups, load_draw."freeze", api.text_hash(load_draw."freeze"),
    decode(line ->> 'seed', 'hex'), load_draw.result, 3, api.now()
    FROM market.round r, market.policy y WHERE r.project_id = p.id AND y.hash = p.policy_hash
  RETURNING * INTO STRICT d;
  INSERT INTO market.contribution (draw_id, attempt, index, kind, name, public_key, value, proof, at)
  VALUES (d.id, 1, 1, 'vrf-p256', 'operator', decode(line ->> 'key', 'hex'),
            decode(line ->> 'beta', 'hex'), decode(line ->> 'proof', 'hex'), frozen),
         (d.id, 1, 2, 'commit', 'owner', p.commitment, decode(line ->> 'r', 'hex'), NULL, drawn);
  PERFORM api.entry('freeze', d.id, 'system:draw_freeze', frozen, d."freeze");
  PERFORM api.draw_said(d, 1, 'system:draw_freeze', frozen);
  PERFORM api.draw_said(d, 2, p.author_id, drawn);
  places := string_to_array(substring(d.result FROM E'\norder ([^\n]*)\n'), ' ');
  PERFORM api.entry('result', d.id, 'system:draw', drawn, api.canon(jsonb_build_object('draw', d.id,
    'attempt', 1, 'result', encode(api.text_hash(d.result), 'hex'),
    'winners', to_jsonb(places[1:1]))) || E'\n');
  INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
  SELECT p.id, 1, o.n, o.agency, p.price_fen, CASE o.n WHEN 1 THEN 'winner' ELSE 'substitute' END, drawn
    FROM unnest(places) WITH ORDINALITY o (agency, n);
END $$;

CREATE FUNCTION api.load_pick(line jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE k market.pick;
BEGIN
  k := jsonb_populate_record(NULL::market.pick, line || '{"round": 1, "n": 1, "answer": "accepted"}');
  SELECT api.due(y, 'pick_answer', k.at) INTO STRICT k.answer_due
    FROM market.project p JOIN market.policy y ON y.hash = p.policy_hash WHERE p.id = k.project_id;
  INSERT INTO market.pick SELECT (k).*;
  INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, state, at)
  VALUES (k.project_id, 1, 1, k.agency_id, k.amount_fen, 'winner', k.answered_at);
END $$;

-- An auction that has ended without extension, with its bids in order.
CREATE FUNCTION api.load_auction(line jsonb, bids jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE a market.auction; p market.project; y market.policy; b record; n int := 0;
BEGIN
  SELECT * INTO STRICT p FROM market.project q WHERE q.id = line ->> 'project_id';
  SELECT * INTO STRICT y FROM market.policy q WHERE q.hash = p.policy_hash;
  INSERT INTO market.auction (id, project_id, round, state, ceiling_fen, floor_fen, step_fen,
    extension_window, starts_at, effective_end, hard_end, best_fen, last_bid_at, bids, version, recorded_at)
  SELECT line ->> 'id', p.id, 1, 'ended', p.ceiling_fen, p.floor_fen, p.step_fen,
    api.span(y, 'auction_window'), p.deadline_at, p.deadline_at + api.span(y, 'auction_duration'),
    p.deadline_at + api.span(y, 'auction_hard'), min(r.amount_fen), max(r.at), count(*), count(*) + 2,
    api.now()
    FROM jsonb_to_recordset(bids) r (amount_fen bigint, at timestamptz)
  RETURNING * INTO STRICT a;
  FOR b IN SELECT s.agency_id, s.label, r.amount_fen, r.at
             FROM jsonb_to_recordset(bids) r (agency text, amount_fen bigint, at timestamptz)
             JOIN market.signup s ON s.project_id = p.id AND s.agency_id = r.agency ORDER BY r.at LOOP
    n := n + 1;
    INSERT INTO market.bid (auction_id, seq, agency_id, label, amount_fen, at, leaf)
    VALUES (a.id, n, b.agency_id, b.label, b.amount_fen, b.at, api.entry('bid', a.id, b.label, b.at,
      api.canon(jsonb_build_object('auction', a.id, 'seq', n, 'label', b.label,
        'amount_fen', b.amount_fen)) || E'\n'));
  END LOOP;
  PERFORM api.entry('auction-end', a.id, 'system:auction_end', a.effective_end, api.canon(jsonb_build_object(
    'auction', a.id, 'project', p.id, 'round', 1, 'bids', a.bids, 'best_fen', a.best_fen,
    'effective_end', api.utc_us(a.effective_end),
    'labels', (SELECT jsonb_object_agg(s.label, s.agency_id) FROM market.signup s
                WHERE s.project_id = p.id AND s.label IS NOT NULL))) || E'\n');
  PERFORM api.auction_stand(p, ARRAY[]::text[], a.effective_end);
END $$;

-- The order of the project's winner, from award to the last evidence.  payments: {event, amount_fen,
-- reference, user, at} in order of time; ratings: {rater, user, at, quality …}.
CREATE FUNCTION api.load_order(line jsonb, payments jsonb, ratings jsonb) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE o market.orders; p market.project; s market.standing; x jsonb;
BEGIN
  SELECT * INTO STRICT p FROM market.project q WHERE q.id = line ->> 'project_id';
  SELECT * INTO STRICT s FROM market.standing w WHERE w.project_id = p.id AND w.state = 'winner';
  o := api.order_begin(line ->> 'id', p, 1, s.agency_id, s.amount_fen, (line ->> 'awarded_at')::timestamptz);
  o := jsonb_populate_record(o, line - '{id,project_id,awarded_at}'::text[]);
  o.contract_fen := o.award_fen;
  PERFORM api.post_contract(o, o.contract_at);
  PERFORM api.contract_entry(o, line ->> 'agency_user', o.contract_at);
  o.accept_due := api.due(api.order_policy(o), 'accept_within', o.delivered_at);
  PERFORM api.post('acceptance', api.party_of(o), o.id, o.id || '.acceptance', 0, o.contract_fen, o.accepted_at);
  FOR x IN SELECT * FROM jsonb_array_elements(payments) LOOP
    IF x ->> 'event' = 'declared' THEN
      o.declared_fen := api.payment(o, 'declared', o.declared_fen, x, x ->> 'user', (x ->> 'at')::timestamptz);
    ELSE
      o.evidenced_fen := api.payment(o, 'evidenced', o.evidenced_fen, x, x ->> 'user', (x ->> 'at')::timestamptz);
      o.paid_at := (x ->> 'at')::timestamptz;
    END IF;
  END LOOP;
  FOR x IN SELECT * FROM jsonb_array_elements(ratings) LOOP
    PERFORM api.rating_put(o, x ->> 'rater', x ->> 'user', x, (x ->> 'at')::timestamptz);
  END LOOP;
  o.state := 'paid';
  o.version := 9;
  UPDATE market.orders r SET (state, contract_fen, contract_number, contract_text, delivery_note,
    declared_fen, evidenced_fen, contract_at, delivered_at, accept_due, accepted_at, paid_at, version)
    = (o.state, o.contract_fen, o.contract_number, o.contract_text, o.delivery_note, o.declared_fen,
    o.evidenced_fen, o.contract_at, o.delivered_at, o.accept_due, o.accepted_at, o.paid_at, o.version)
   WHERE r.id = o.id;
  RETURN o.contract_fen;
END $$;
