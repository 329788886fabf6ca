-- From the award to the end of an order: opening, ending, and what the project's state follows.
-- A door locks the project and then the order, always in this sequence.

CREATE FUNCTION api.rating_row(r market.rating) RETURNS json
LANGUAGE sql IMMUTABLE AS $$
  SELECT json_build_object('order_id', r.order_id, 'rater', r.rater, 'n', r.n, 'quality', r.quality,
    'time', r.time, 'conduct', r.conduct, 'price', r.price, 'service', r.service,
    'remark', r.remark, 'at', api.utc(r.at))
$$;

CREATE FUNCTION api.order_json(o market.orders) RETURNS text
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object(
    'id', o.id, 'project_id', o.project_id, 'round', o.round, 'place', o.place,
    'title', p.title, 'owner_id', o.owner_id, 'owner_name', w.name,
    'agency_id', o.agency_id, 'agency_name', a.name,
    'item', o.item_code, 'category', o.category_code, 'mode', o.mode, 'fiscal_bp', o.fiscal_bp,
    'state', o.state, 'award_fen', o.award_fen, 'contract_fen', o.contract_fen,
    'contract_number', o.contract_number, 'contract_text', o.contract_text,
    'delivery_note', o.delivery_note, 'declared_fen', o.declared_fen,
    'evidenced_fen', o.evidenced_fen, 'end_reason', o.end_reason,
    'awarded_at', api.utc(o.awarded_at), 'contract_due', api.utc(o.contract_due),
    'contract_at', api.utc(o.contract_at), 'delivered_at', api.utc(o.delivered_at),
    'accept_due', api.utc(o.accept_due), 'accepted_at', api.utc(o.accepted_at),
    'paid_at', api.utc(o.paid_at), 'ratings', (
      SELECT coalesce(json_agg(api.rating_row(r) ORDER BY r.rater), '[]') FROM market.rating r
       WHERE r.order_id = o.id
         AND r.n = (SELECT max(n.n) FROM market.rating n WHERE n.order_id = o.id AND n.rater = r.rater)),
    'synthetic', o.synthetic, 'version', o.version)::text
  FROM market.project p, market.organisation w, market.agency a
  WHERE p.id = o.project_id AND w.id = o.owner_id AND a.id = o.agency_id);
END $$;

-- Seen by its parties and by those who supervise: operator, regulator, auditor.
CREATE FUNCTION api.order_seen(o market.orders, c api.ctx) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT (c.roles & (4 | 8 | 16)) <> 0 OR o.owner_id IS NOT DISTINCT FROM c.org_id
    OR o.agency_id IS NOT DISTINCT FROM api.agency_of(c.org_id)
$$;

-- An order that is not there, or not visible, is the same refusal.
CREATE FUNCTION api.order_missing() RETURNS void LANGUAGE sql AS $$
  SELECT api.refuse('not-found', '', 'id', '没有这个订单，或您无权查看', 'no such order, or not yours to see')
$$;

-- Locks the project and the order, for a party of the given role bit: 1 owner, 2 agency; 0 any
-- who may see it.  The wrong party of an order it sees is forbidden, a stranger finds nothing.
CREATE FUNCTION api.order_lock(id text, c api.ctx, party int) RETURNS market.orders
LANGUAGE plpgsql AS $$
DECLARE o market.orders;
BEGIN
  SELECT * INTO o FROM market.orders r WHERE r.id = order_lock.id;
  IF NOT FOUND OR NOT api.order_seen(o, c) THEN
    PERFORM api.order_missing();
  END IF;
  IF (party = 1 AND o.owner_id <> c.org_id)
    OR (party = 2 AND o.agency_id IS DISTINCT FROM api.agency_of(c.org_id)) THEN
    PERFORM api.refuse('forbidden', '', '', '只有订单的当事方可以进行此操作',
      'only that party of the order may do this');
  END IF;
  PERFORM FROM market.project p WHERE p.id = o.project_id FOR UPDATE;
  SELECT * INTO STRICT o FROM market.orders r WHERE r.id = order_lock.id FOR UPDATE;
  RETURN o;
END $$;

-- The frozen policy profile an order is judged by.
CREATE FUNCTION api.order_policy(o market.orders) RETURNS market.policy
LANGUAGE sql STABLE AS $$
  SELECT api.policy_by_hash((SELECT p.policy_hash FROM market.project p WHERE p.id = o.project_id))
$$;

-- Opens the order of one winner: award and saving are posted, the contract's time runs.
-- The award must fit into its lot of the budget; a project of several winners divides it evenly.
CREATE FUNCTION api.order_begin(id text, p market.project, place int, agency text, amount_fen bigint,
  at timestamptz) RETURNS market.orders
LANGUAGE plpgsql AS $$
DECLARE o market.orders; lot_fen bigint;
BEGIN
  SELECT min(n) INTO o.lot FROM generate_series(1, p.winners) n
   WHERE NOT EXISTS (SELECT FROM market.orders r WHERE r.project_id = p.id AND r.round = p.round
                      AND r.lot = n AND r.state <> 'ended');
  lot_fen := api.lot_fen(p.budget_fen, p.winners, o.lot);
  IF o.lot IS NULL OR amount_fen > lot_fen THEN
    PERFORM api.refuse('rule', 'budget', '', '中选金额超出项目预算',
      'the award exceeds what the budget has for one winner');
  END IF;
  o.contract_due := api.due(api.policy_by_hash(p.policy_hash), 'contract_within', at);
  INSERT INTO market.orders (id, project_id, round, place, owner_id, agency_id, item_code,
    category_code, mode, fiscal_bp, lot, state, award_fen, awarded_at, contract_due, synthetic,
    recorded_at)
  SELECT order_begin.id, p.id, p.round, order_begin.place, p.owner_id, agency, p.item_code,
    i.category_code, p.mode, p.fiscal_bp, o.lot, 'awarded', amount_fen, at, o.contract_due,
    p.synthetic, api.now()
    FROM market.item i WHERE i.code = p.item_code AND i.version = p.item_version
  RETURNING * INTO STRICT o;
  PERFORM api.post('award', api.party_of(o), o.id, o.id || '.award', 0, amount_fen, at);
  PERFORM api.post_saving(o, o.id, o.id || '.award', amount_fen, lot_fen, at);
  PERFORM api.entry('award', o.id, 'system:project_award', at, api.canon(jsonb_build_object(
    'order', o.id, 'project', p.id, 'round', p.round, 'place', place, 'owner', p.owner_id,
    'agency', agency, 'mode', p.mode, 'amount_fen', amount_fen)) || E'\n');
  RETURN o;
END $$;

CREATE FUNCTION api.order_open(p market.project, place int, agency text, amount_fen bigint,
  at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE o market.orders := api.order_begin(api.new_id('ord'), p, place, agency, amount_fen, at);
BEGIN
  PERFORM api.job_plan('contract_due', o.id, o.contract_due);
  RETURN o.id;
END $$;

-- What an amount leaves of its lot is saved, fund by fund.
CREATE FUNCTION api.post_saving(o market.orders, key text, group_id text, amount_fen bigint,
  lot_fen bigint, at timestamptz) RETURNS void
LANGUAGE sql AS $$
  SELECT api.post('saving', api.party_of(o), key, group_id, amount_fen, lot_fen, at)
$$;

-- Ends an order that was given up or lost before its contract: what it took of the budget returns.
CREATE FUNCTION api.order_end(p market.project, place int, reason text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE o market.orders;
BEGIN
  SELECT * INTO o FROM market.orders r
   WHERE r.project_id = p.id AND r.round = p.round AND r.place = order_end.place FOR UPDATE;
  IF NOT FOUND THEN
    RETURN; -- given up during the standstill: there is no order yet
  END IF;
  o.state := api.move('order', o.state, 'end');
  UPDATE market.orders r SET state = o.state, end_reason = reason, version = r.version + 1
   WHERE r.id = o.id;
  PERFORM api.reverse(o.id, NULL, o.id || '.end', at);
  PERFORM api.job_plan('contract_due', o.id, NULL);
END $$;

-- Moves the project to the state of its least advanced order, one step of its own list at a time.
CREATE FUNCTION api.project_follow(project text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  p market.project; have int; want int; reached text;
  states constant text[] := ARRAY['awarded', 'contract', 'in_service', 'delivered', 'accepted', 'paid'];
  events constant text[] := ARRAY['contract', 'confirm', 'deliver', 'accept', 'pay'];
BEGIN
  SELECT * INTO STRICT p FROM market.project r WHERE r.id = project FOR UPDATE;
  SELECT min(array_position(states, o.state)) INTO want FROM market.orders o
   WHERE o.project_id = project AND o.round = p.round AND o.state <> 'ended';
  have := array_position(states, p.state);
  reached := p.state;
  WHILE have < want LOOP
    reached := api.move('project', reached, events[have]);
    have := have + 1;
  END LOOP;
  IF reached <> p.state THEN
    UPDATE market.project r SET state = reached, version = r.version + 1
     WHERE r.id = project;
  END IF;
END $$;
