-- The life of an order by lib/order/state.def: contract, delivery, acceptance, payment, rating.

-- Stores a changed order as its next version and lets the project follow.
CREATE FUNCTION api.order_put(o market.orders, at timestamptz) RETURNS market.orders
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.orders r SET state = o.state, contract_fen = o.contract_fen,
    contract_number = o.contract_number, contract_text = o.contract_text,
    delivery_note = o.delivery_note, declared_fen = o.declared_fen, evidenced_fen = o.evidenced_fen,
    overdue_at = o.overdue_at, contract_due = o.contract_due, contract_at = o.contract_at,
    delivered_at = o.delivered_at, accept_due = o.accept_due, accepted_at = o.accepted_at,
    paid_at = o.paid_at, version = r.version + 1
   WHERE r.id = o.id RETURNING * INTO STRICT o;
  PERFORM api.project_follow(o.project_id, at);
  RETURN o;
END $$;

-- The owner files the contract (TR9: within the tolerance of the award, and within the lot).
-- It may be filed again until the agency confirms; each filing gives the agency the whole period.
CREATE FUNCTION api.order_contract(caller text, need int, idem text, hash bytea, if_match bigint,
  id text, body jsonb) RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE
  c api.ctx; o market.orders; p market.policy; t timestamptz; amount bigint; lot_fen bigint;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 1);
  t := api.now();
  PERFORM api.match(if_match, o.version);
  o.state := api.move('order', o.state, 'contract');
  p := api.order_policy(o);
  amount := (body ->> 'amount_fen')::bigint;
  SELECT api.lot_fen(r.budget_fen, r.winners, o.lot) INTO STRICT lot_fen
    FROM market.project r WHERE r.id = o.project_id;
  IF abs(amount - o.award_fen) > api.share(o.award_fen, api.setting_int(p, 'contract_tolerance_bp')::int) THEN
    PERFORM api.refuse('rule', 'TR9', '/amount_fen', '合同金额与中选金额之差超出允许范围',
      'the contract differs from the award by more than the policy allows');
  ELSIF amount > lot_fen THEN
    PERFORM api.refuse('rule', 'TR9', '/amount_fen', '合同金额超出项目预算', 'the contract exceeds the budget');
  END IF;
  o.contract_fen := amount;
  o.contract_number := body ->> 'number';
  o.contract_text := body ->> 'text';
  o.contract_due := greatest(o.contract_due, api.due(p, 'contract_within', t));
  o := api.order_put(o, t);
  PERFORM api.job_plan('contract_due', o.id, o.contract_due);
  RETURN api.finish(c, 200, o.version, api.order_json(o));
END $$;

-- Both parties stand to the contract: it is posted and published.
CREATE FUNCTION api.order_confirm(caller text, need int, idem text, hash bytea, if_match bigint,
  id text) RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 2);
  t := api.now();
  PERFORM api.match(if_match, o.version);
  o.state := api.move('order', o.state, 'confirm');
  IF t >= o.contract_due THEN
    PERFORM api.refuse('late', 'TR8', '', '合同确认期限已过', 'the time to confirm the contract is over');
  END IF;
  o.contract_at := t;
  PERFORM api.post_contract(o, t);
  PERFORM api.contract_entry(o, c.actor, t);
  o := api.order_put(o, t);
  PERFORM api.job_plan('contract_due', o.id, NULL);
  RETURN api.finish(c, 200, o.version, api.order_json(o));
END $$;

-- The contract as published: its text by hash.
CREATE FUNCTION api.contract_entry(o market.orders, actor text, at timestamptz) RETURNS void
LANGUAGE sql AS $$
  SELECT api.entry('contract', o.id, actor, at, api.canon(jsonb_build_object(
    'order', o.id, 'project', o.project_id, 'owner', o.owner_id, 'agency', o.agency_id,
    'amount_fen', o.contract_fen, 'number', o.contract_number,
    'text_sha256', encode(sha256(convert_to(o.contract_text, 'UTF8')), 'hex'))) || E'\n')
$$;

-- Below the award the difference is saved; above it the saving is turned round, the excess comes
-- from the budget, and what the contract leaves of the lot is saved anew.
CREATE FUNCTION api.post_contract(o market.orders, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE w constant api.party := api.party_of(o); g constant text := o.id || '.contract'; lot_fen bigint;
BEGIN
  PERFORM api.post('contract', w, o.id, g, 0, least(o.contract_fen, o.award_fen), at);
  IF o.contract_fen < o.award_fen THEN
    PERFORM api.post('lower', w, o.id, g, o.contract_fen, o.award_fen, at);
  ELSIF o.contract_fen > o.award_fen THEN
    SELECT api.lot_fen(p.budget_fen, p.winners, o.lot) INTO STRICT lot_fen
      FROM market.project p WHERE p.id = o.project_id;
    PERFORM api.reverse(o.id, 'saving', g, at);
    PERFORM api.post('higher', w, o.id, g, o.award_fen, o.contract_fen, at);
    PERFORM api.post_saving(o, o.id || '.2', g, o.contract_fen, lot_fen, at);
  END IF;
END $$;

CREATE FUNCTION api.order_deliver(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 2);
  t := api.now();
  o.state := api.move('order', o.state, 'deliver');
  o.delivery_note := body ->> 'note';
  o.delivered_at := t;
  o.accept_due := api.due(api.order_policy(o), 'accept_within', t);
  o := api.order_put(o, t);
  PERFORM api.job_plan('accept_due', o.id, o.accept_due);
  RETURN api.finish(c, 200, o.version, api.order_json(o));
END $$;

-- Acceptance makes the contract's amount payable; by the owner or, where the profile says so, by time.
CREATE FUNCTION api.order_take(o market.orders, at timestamptz) RETURNS market.orders
LANGUAGE plpgsql AS $$
BEGIN
  o.state := api.move('order', o.state, 'accept');
  o.accepted_at := at;
  PERFORM api.post('acceptance', api.party_of(o), o.id, o.id || '.acceptance', 0, o.contract_fen, at);
  PERFORM api.job_plan('accept_due', o.id, NULL);
  RETURN api.order_put(o, at);
END $$;

CREATE FUNCTION api.order_accept(caller text, need int, idem text, hash bytea, if_match bigint,
  id text) RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 1);
  PERFORM api.match(if_match, o.version);
  o := api.order_take(o, api.now());
  RETURN api.finish(c, 200, o.version, api.order_json(o));
END $$;

-- One payment, declared by the owner or evidenced by the agency: part payments add up.
CREATE FUNCTION api.payment(o market.orders, event text, before bigint, body jsonb, user_id text,
  at timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE m int; amount constant bigint := (body ->> 'amount_fen')::bigint;
BEGIN
  SELECT coalesce(max(q.n), 0) + 1 INTO m FROM market.payment q WHERE q.order_id = o.id;
  INSERT INTO market.payment (order_id, n, event, amount_fen, reference, user_id, at)
  VALUES (o.id, m, payment.event, amount, body ->> 'reference', payment.user_id, payment.at);
  PERFORM api.post(event, api.party_of(o), o.id || '.' || m, o.id || '.payment.' || m, before,
    before + amount, at);
  RETURN before + amount;
END $$;

CREATE FUNCTION api.order_pay(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 1);
  t := api.now();
  o.state := api.move('order', o.state, 'declare');
  IF (body ->> 'amount_fen')::bigint > o.contract_fen - o.declared_fen THEN
    PERFORM api.refuse('rule', 'payment', '/amount_fen', '申报付款合计超出合同金额',
      'the payments declared would exceed the contract');
  END IF;
  o.declared_fen := api.payment(o, 'declared', o.declared_fen, body, c.user_id, t);
  o := api.order_put(o, t);
  RETURN api.finish(c, 201, o.version, api.order_json(o));
END $$;

-- The agency evidences what it received; with the last fen of the contract the order is paid.
CREATE FUNCTION api.order_evidence(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 2);
  t := api.now();
  o.state := api.move('order', o.state, 'evidence');
  IF (body ->> 'amount_fen')::bigint > o.declared_fen - o.evidenced_fen THEN
    PERFORM api.refuse('rule', 'payment', '/amount_fen', '到账确认合计超出申报付款',
      'more would be evidenced than was declared');
  END IF;
  o.evidenced_fen := api.payment(o, 'evidenced', o.evidenced_fen, body, c.user_id, t);
  IF o.evidenced_fen = o.contract_fen THEN
    o.state := api.move('order', o.state, 'pay');
    o.paid_at := t;
  END IF;
  o := api.order_put(o, t);
  RETURN api.finish(c, 200, o.version, api.order_json(o));
END $$;

-- The next version of a rater's rating, with its entry.  The journal carries the five numbers; the
-- remark is free text and stays outside.
CREATE FUNCTION api.rating_put(o market.orders, rater text, user_id text, body jsonb, at timestamptz)
RETURNS market.rating
LANGUAGE plpgsql AS $$
DECLARE r market.rating;
BEGIN
  INSERT INTO market.rating (order_id, rater, n, user_id, quality, time, conduct, price, service,
    remark, at)
  SELECT o.id, rating_put.rater, count(*) + 1, rating_put.user_id, (body ->> 'quality')::int,
    (body ->> 'time')::int, (body ->> 'conduct')::int, (body ->> 'price')::int,
    (body ->> 'service')::int, body ->> 'remark', rating_put.at
    FROM market.rating q WHERE q.order_id = o.id AND q.rater = rating_put.rater
  RETURNING * INTO r;
  PERFORM api.entry('rating', o.id, r.user_id, r.at, api.canon(jsonb_build_object('order', o.id,
    'agency', o.agency_id, 'rater', r.rater, 'n', r.n, 'quality', r.quality, 'time', r.time,
    'conduct', r.conduct, 'price', r.price, 'service', r.service)) || E'\n');
  RETURN r;
END $$;

-- TR11: one rating of an order by each of owner, regulator, operator; an edit is the next version.
CREATE FUNCTION api.order_rate(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer
LANGUAGE plpgsql AS $$
DECLARE c api.ctx; o market.orders; r market.rating;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  o := api.order_lock(id, c, 0);
  r.rater := CASE WHEN o.owner_id = c.org_id AND (c.roles & 1) <> 0 THEN 'owner'
    WHEN (c.roles & 8) <> 0 THEN 'regulator' WHEN (c.roles & 4) <> 0 THEN 'operator' END;
  IF r.rater IS NULL THEN
    PERFORM api.order_missing();
  ELSIF o.state NOT IN ('accepted', 'paid') THEN
    PERFORM api.refuse('wrong-state', 'TR11', '', '验收后才能评价', 'an order is rated after its acceptance');
  END IF;
  r := api.rating_put(o, r.rater, c.user_id, body, api.now());
  RETURN api.finish(c, 201, NULL, api.rating_row(r)::text);
END $$;

-- A job answers whether it is done; false: it was early and stays planned.

-- TR8.  Not filed in time is the owner's fault: it is written down and the owner may still file.
-- Filed but not confirmed is the agency's: a credit event, and the next in order moves up.
CREATE FUNCTION api.job_contract_due(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE o market.orders; t timestamptz;
BEGIN
  SELECT * INTO STRICT o FROM market.orders r WHERE r.id = subject;
  PERFORM FROM market.project p WHERE p.id = o.project_id FOR UPDATE;
  SELECT * INTO STRICT o FROM market.orders r WHERE r.id = subject FOR UPDATE;
  t := api.now();
  IF o.state IN ('awarded', 'contract') AND t < o.contract_due THEN
    PERFORM api.job_plan('contract_due', o.id, o.contract_due);
    RETURN false;
  END IF;
  PERFORM api.job_plan('contract_due', o.id, NULL);
  IF o.state = 'awarded' AND o.overdue_at IS NULL THEN
    UPDATE market.orders r SET overdue_at = t, version = r.version + 1 WHERE r.id = o.id;
    PERFORM api.entry('credit-event', o.id, 'system:contract_due', t, api.canon(jsonb_build_object(
      'order', o.id, 'party', o.owner_id, 'kind', 'contract-not-filed')) || E'\n');
  ELSIF o.state = 'contract' THEN
    PERFORM api.credit_event(o.agency_id, 'contract-not-confirmed', o.id, t);
    PERFORM api.substitute(o.project_id, o.round, o.place, 'contract-not-confirmed', t);
  END IF;
  RETURN true;
END $$;

-- TR10: an overdue acceptance is taken as given where the profile says so; else nothing happens
-- and the owner may still accept.
CREATE FUNCTION api.job_accept_due(subject text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE o market.orders; t timestamptz;
BEGIN
  SELECT * INTO STRICT o FROM market.orders r WHERE r.id = subject;
  PERFORM FROM market.project p WHERE p.id = o.project_id FOR UPDATE;
  SELECT * INTO STRICT o FROM market.orders r WHERE r.id = subject FOR UPDATE;
  t := api.now();
  IF o.state = 'delivered' AND t < o.accept_due THEN
    PERFORM api.job_plan('accept_due', o.id, o.accept_due);
    RETURN false;
  ELSIF o.state = 'delivered' AND api.setting(api.order_policy(o), 'accept_overdue') = 'accept' THEN
    o := api.order_take(o, t);
  ELSE
    PERFORM api.job_plan('accept_due', o.id, NULL);
  END IF;
  RETURN true;
END $$;
