-- Projects as they are answered.  Names are those of proto/in/project.def.

CREATE FUNCTION api.standing_json(p market.project) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(json_build_object(
      'place', s.place, 'agency_id', s.agency_id, 'agency_name', a.name, 'amount_fen', s.amount_fen,
      'state', s.state, 'reason', s.reason, 'order_id', o.id) ORDER BY s.place), '[]')
    FROM market.standing s
    JOIN market.agency a ON a.id = s.agency_id
    LEFT JOIN market.orders o ON o.project_id = s.project_id AND o.round = s.round AND o.place = s.place
   WHERE s.project_id = p.id AND s.round = p.round);
END $$;

CREATE FUNCTION api.round_list_json(p market.project) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(json_build_object(
      'round', r.round, 'draw_id', r.notice::json->>'draw', 'opened_at', api.utc(r.opened_at),
      'notice_hash', encode(api.text_hash(r.notice), 'hex'),
      'outcome', r.outcome, 'end_reason', r.end_reason, 'ended_at', api.utc(r.ended_at)) ORDER BY r.round), '[]')
    FROM market.round r WHERE r.project_id = p.id);
END $$;

CREATE FUNCTION api.amendment_list_json(p market.project) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(json_build_object(
      'n', m.n, 'round', m.round, 'material', m.material, 'reason', m.reason, 'at', api.utc(m.at),
      'old_hash', encode(api.text_hash(m.old_notice), 'hex'),
      'new_hash', encode(api.text_hash(m.new_notice), 'hex')) ORDER BY m.n), '[]')
    FROM market.amendment m WHERE m.project_id = p.id);
END $$;

CREATE FUNCTION api.objection_json(o market.objection) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', o.id, 'project_id', o.project_id, 'round', o.round, 'body', o.body,
    'state', o.state, 'decision', o.decision, 'at', api.utc(o.at), 'decided_at', api.utc(o.decided_at),
    'version', o.version)
$$;

CREATE FUNCTION api.objection_list_json(p market.project) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(api.objection_json(o) ORDER BY o.at, o.id), '[]')
    FROM market.objection o WHERE o.project_id = p.id);
END $$;

-- The round's latest pick; before it is accepted, only for owner, agency and supervision.
CREATE FUNCTION api.pick_json(p market.project, c api.ctx) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('n', k.n, 'offer_id', k.offer_id, 'agency_id', k.agency_id,
      'amount_fen', k.amount_fen, 'reason', k.reason, 'at', api.utc(k.at),
      'answer_due', api.utc(k.answer_due), 'answer', k.answer, 'answer_reason', k.answer_reason,
      'answered_at', api.utc(k.answered_at))
    FROM market.pick k
   WHERE k.project_id = p.id AND k.round = p.round
     AND (k.answer = 'accepted' OR p.owner_id = c.org_id OR api.supervises(c)
       OR k.agency_id = api.agency_of(c.org_id))
   ORDER BY k.n DESC LIMIT 1);
END $$;

-- How many signed up: nobody is told before the deadline.
CREATE FUNCTION api.signup_count(p market.project, t timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN t >= p.deadline_at AND p.mode <> 'pick' THEN (SELECT count(*)::int
    FROM market.signup s WHERE s.project_id = p.id AND s.round = p.round AND s.withdrawn_at IS NULL) END
$$;

-- seen: as api.project_seen gives it.
CREATE FUNCTION api.project_json(seen market.project, c api.ctx, t timestamptz) RETURNS text
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object(
    'id', seen.id, 'owner_id', seen.owner_id, 'owner_name', w.name,
    'item', seen.item_code, 'item_version', seen.item_version, 'item_name', i.name_zh,
    'category', i.category_code, 'title', seen.title, 'content', seen.content, 'mode', seen.mode,
    'profile', seen.profile, 'policy_hash', encode(seen.policy_hash, 'hex'), 'fiscal_bp', seen.fiscal_bp,
    'price_basis', seen.price_basis, 'price_fen', seen.price_fen, 'ceiling_fen', seen.ceiling_fen,
    'floor_fen', seen.floor_fen, 'step_fen', seen.step_fen, 'budget_fen', seen.budget_fen,
    'winners', seen.winners, 'avoid', seen.avoid, 'witnesses', seen.witnesses, 'beacon', seen.beacon,
    'method', seen.method, 'stratum', seen.stratum, 'quotas', seen.quotas,
    'coefficient', api.coefficient_json(seen), 'state', seen.state, 'round', seen.round,
    'draw_id', api.draw_id(seen), 'commitment', encode(seen.commitment, 'hex'),
    'auction_id', (SELECT a.id FROM market.auction a WHERE a.project_id = seen.id AND a.round = seen.round),
    'wanted_deadline_at', api.utc(seen.wanted_deadline_at), 'review_reason', seen.review_reason,
    'opened_at', api.utc(seen.opened_at), 'deadline_at', api.utc(seen.deadline_at),
    'standstill_until', api.utc(seen.standstill_until), 'end_reason', seen.end_reason,
    'signups', api.signup_count(seen, t), 'pick', api.pick_json(seen, c),
    'standing', api.standing_json(seen), 'rounds', api.round_list_json(seen),
    'amendments', api.amendment_list_json(seen), 'objections', api.objection_list_json(seen),
    'created_at', api.utc(seen.created_at), 'version', seen.version)::text
  FROM market.organisation w, market.item i
  WHERE w.id = seen.owner_id AND i.code = seen.item_code AND i.version = seen.item_version);
END $$;

CREATE FUNCTION api.project_line_json(seen market.project) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object(
    'id', seen.id, 'owner_id', seen.owner_id, 'owner_name', w.name, 'item', seen.item_code,
    'item_name', i.name_zh, 'category', i.category_code, 'title', seen.title, 'mode', seen.mode,
    'profile', seen.profile, 'price_basis', seen.price_basis, 'budget_fen', seen.budget_fen,
    'state', seen.state, 'round', seen.round, 'opened_at', api.utc(seen.opened_at),
    'deadline_at', api.utc(seen.deadline_at), 'created_at', api.utc(seen.created_at), 'version', seen.version)
  FROM market.organisation w, market.item i
  WHERE w.id = seen.owner_id AND i.code = seen.item_code AND i.version = seen.item_version);
END $$;

-- One page of projects, newest first.  own: those of this organisation in every state; null: the
-- published ones as the public sees them.
CREATE FUNCTION api.project_page(own text, asked int, cursor text, want_state text, want_mode text,
  want_item text, want_category text, want_owner text, words text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE after text[] := api.cursor_parts(cursor, '^(\d{1,18}) (prj_[a-z2-7]{26})$'); keys text[]; items json[];
BEGIN
  SELECT array_agg(api.us(h.created_at) || ' ' || h.id ORDER BY h.created_at DESC, h.id DESC),
         array_agg(api.project_line_json(h.seen) ORDER BY h.created_at DESC, h.id DESC)
    INTO keys, items
    FROM (SELECT f.seen, m.id, m.created_at
      FROM market.project m,
           LATERAL (SELECT CASE WHEN own IS NULL THEN api.project_public(m) ELSE m END AS seen) f
     WHERE CASE WHEN own IS NULL THEN m.opened_at IS NOT NULL ELSE m.owner_id = own END
       AND (after IS NULL OR (api.us(m.created_at), m.id) < (after[1]::bigint, after[2]))
       AND (want_state IS NULL OR (f.seen).state = want_state)
       AND (want_mode IS NULL OR (f.seen).mode = want_mode)
       AND (want_item IS NULL OR (f.seen).item_code = want_item)
       AND (want_owner IS NULL OR m.owner_id = want_owner)
       AND (want_category IS NULL OR EXISTS (SELECT FROM market.item i WHERE i.code = (f.seen).item_code
             AND i.version = (f.seen).item_version AND i.category_code = want_category))
       AND (words IS NULL OR position(api.normal(words) IN CASE WHEN (f.seen).state = m.state THEN m.search
             ELSE api.normal((f.seen).title || ' ' || (f.seen).content) END) > 0)
     ORDER BY m.created_at DESC, m.id DESC
     LIMIT coalesce(asked, 50) + 1) h;
  RETURN api.page(keys, items, asked);
END $$;
