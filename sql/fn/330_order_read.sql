-- Reads of orders: one, a list, its statement.

CREATE FUNCTION api.order_get(caller text, id text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx; o market.orders;
BEGIN
  c := api.reader(caller);
  SELECT * INTO o FROM market.orders r WHERE r.id = order_get.id;
  IF NOT FOUND OR NOT api.order_seen(o, c) THEN
    PERFORM api.order_missing();
  END IF;
  RETURN ROW(o.version, api.order_json(o), NULL)::api.view;
END $$;

-- The first instant of a year in the zone of the statistics.
CREATE FUNCTION api.year_start(year int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT make_timestamp(year, 1, 1, 0, 0, 0) AT TIME ZONE 'UTC' - interval '8 hours'
$$;

CREATE FUNCTION api.order_line(o market.orders) RETURNS json
LANGUAGE sql STABLE AS $$
  SELECT json_build_object('id', o.id, 'project_id', o.project_id, 'title', p.title,
    'owner_id', o.owner_id, 'owner_name', w.name, 'agency_id', o.agency_id, 'agency_name', a.name,
    'item', o.item_code, 'mode', o.mode, 'state', o.state, 'award_fen', o.award_fen,
    'contract_fen', o.contract_fen, 'evidenced_fen', o.evidenced_fen,
    'awarded_at', api.utc(o.awarded_at), 'contract_at', api.utc(o.contract_at),
    'version', o.version)
  FROM market.project p, market.organisation w, market.agency a
  WHERE p.id = o.project_id AND w.id = o.owner_id AND a.id = o.agency_id
$$;

-- What a list is asked for; null: anything.
CREATE TYPE api.order_filter AS (state text, mode text, year int, agency text, owner text, project text);

CREATE FUNCTION api.order_fits(o market.orders, f api.order_filter) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT (f.state IS NULL OR o.state = f.state) AND (f.mode IS NULL OR o.mode = f.mode)
    AND (f.year IS NULL OR (o.contract_at >= api.year_start(f.year)
                            AND o.contract_at < api.year_start(f.year + 1)))
    AND (f.agency IS NULL OR o.agency_id = f.agency) AND (f.owner IS NULL OR o.owner_id = f.owner)
    AND (f.project IS NULL OR o.project_id = f.project)
$$;

-- A party's orders and a supervisor's are found by an index each.  Newest award first.  The cursor
-- is '<award in µs> <id>' of the last row shown.
CREATE FUNCTION api.order_list(caller text, state text, mode text, year int, agency text, owner text,
  project text, "limit" int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE
  c api.ctx; key text; lines json[]; next text; n int := coalesce("limit", 50);
  mine text; all_seen boolean; before timestamptz; before_id text;
  f constant api.order_filter := (state, mode, year, agency, owner, project);
BEGIN
  c := api.reader(caller);
  all_seen := (c.roles & (4 | 8 | 16)) <> 0;
  mine := api.agency_of(c.org_id);
  key := api.cursor_get(cursor);
  IF key !~ '^\d{1,18} [a-z0-9_]{1,64}$' THEN
    PERFORM api.refuse('bad-input', '', 'cursor', '分页游标无效', 'the cursor is not one of ours');
  END IF;
  before := 'epoch'::timestamptz + split_part(key, ' ', 1)::bigint * interval '1 microsecond';
  before_id := split_part(key, ' ', 2);
  SELECT array_agg(api.order_line(o) ORDER BY o.awarded_at DESC, o.id DESC),
    (array_agg((extract(epoch FROM o.awarded_at) * 1000000)::bigint || ' ' || o.id
       ORDER BY o.awarded_at DESC, o.id DESC))[n]
    INTO lines, next
    FROM (
      (SELECT * FROM market.orders r
        WHERE all_seen AND api.order_fits(r, f) AND (key IS NULL OR (r.awarded_at, r.id) < (before, before_id))
        ORDER BY r.awarded_at DESC, r.id DESC LIMIT n + 1)
      UNION ALL
      (SELECT * FROM market.orders r
        WHERE NOT all_seen AND r.owner_id = c.org_id AND api.order_fits(r, f)
          AND (key IS NULL OR (r.awarded_at, r.id) < (before, before_id))
        ORDER BY r.awarded_at DESC, r.id DESC LIMIT n + 1)
      UNION ALL
      (SELECT * FROM market.orders r
        WHERE NOT all_seen AND r.agency_id = mine AND r.owner_id <> c.org_id AND api.order_fits(r, f)
          AND (key IS NULL OR (r.awarded_at, r.id) < (before, before_id))
        ORDER BY r.awarded_at DESC, r.id DESC LIMIT n + 1)
      ORDER BY awarded_at DESC, id DESC LIMIT n + 1) o;
  IF array_length(lines, 1) > n THEN
    next := api.cursor_put(next);
  ELSE
    next := NULL;
  END IF;
  RETURN ROW(NULL, json_build_object('items', coalesce(to_json(lines[1:n]), '[]'),
    'next_cursor', next)::text, next)::api.view;
END $$;

CREATE FUNCTION api.transfer_json(t market.transfer) RETURNS json
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('index', t.index, 'transfer_id', t.id, 'at', api.utc(t.at),
    'event', t.event, 'group', t.group_id, 'project_id', t.project_id, 'order_id', t.order_id,
    'fund', t.fund, 'debit', d.kind, 'credit', k.kind, 'amount_fen', t.amount_fen,
    'reverses', t.reverses)
  FROM market.account d, market.account k WHERE d.id = t.debit_id AND k.id = t.credit_id);
END $$;

CREATE FUNCTION api.order_statement(caller text, id text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx; o market.orders;
BEGIN
  c := api.reader(caller);
  SELECT * INTO o FROM market.orders r WHERE r.id = order_statement.id;
  IF NOT FOUND OR NOT api.order_seen(o, c) THEN
    PERFORM api.order_missing();
  END IF;
  RETURN ROW(NULL, json_build_object('order_id', o.id,
    'accounts', (SELECT coalesce(json_agg(json_build_object('owner_id', a.owner_id,
        'agency_id', a.agency_id, 'order_id', a.order_id, 'fund', a.fund, 'kind', a.kind,
        'debits_fen', a.debits_posted, 'credits_fen', a.credits_posted) ORDER BY a.fund, a.kind), '[]')
      FROM market.account a WHERE a.owner_id = o.owner_id AND a.agency_id = o.agency_id
       AND a.order_id = o.id),
    'transfers', (SELECT coalesce(json_agg(api.transfer_json(t) ORDER BY t.index), '[]')
      FROM market.transfer t WHERE t.order_id = o.id),
    'payments', (SELECT coalesce(json_agg(json_build_object('n', p.n, 'event', p.event,
        'amount_fen', p.amount_fen, 'reference', p.reference, 'at', api.utc(p.at)) ORDER BY p.n), '[]')
      FROM market.payment p WHERE p.order_id = o.id))::text, NULL)::api.view;
END $$;
