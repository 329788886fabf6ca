-- Standard offers.

CREATE FUNCTION api.offer_json(f market.offer) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT json_build_object('id', f.id, 'agency_id', a.id, 'agency_name', a.name, 'agency_region', a.region,
    'agency_rating', r.rating, 'agency_orders', r.orders, 'agency_volume_fen', r.volume_fen,
    'item', i.code, 'item_name_zh', i.name_zh, 'item_name_en', i.name_en, 'category_code', i.category_code,
    'title', f.title, 'price_fen', f.price_fen, 'working_days', f.working_days, 'promise', f.promise,
    'state', f.state, 'version', f.version, 'created_at', api.utc(f.created_at))
    FROM market.agency a, market.item i, api.agency_record(a.id) r
   WHERE a.id = f.agency_id AND i.code = f.item_code AND i.newest);
END $$;

-- Only an agency that could be picked now may list an offer.
CREATE FUNCTION api.offer_create(caller text, need int, idem text, hash bytea, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; i market.item; f market.offer; a text; why text; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  SELECT b.id INTO a FROM market.agency b WHERE b.organisation_id = c.org_id FOR UPDATE;
  t := api.now();
  i := api.item_in_force(body ->> 'item', '/item');
  why := api.ineligible(a, i.code, i.version, t);
  IF why IS NOT NULL THEN
    PERFORM api.refuse('ineligible', why, '/item', '机构不符合该事项的条件：' || why,
      'the agency is not eligible for this item: ' || why);
  END IF;
  IF (SELECT count(*) FROM market.offer g WHERE g.agency_id = a AND g.state = 'listed') >= 500 THEN
    PERFORM api.refuse('rule', 'offer.count', '', '在架报价最多 500 项', 'an agency lists at most 500 offers');
  END IF;
  INSERT INTO market.offer (id, agency_id, item_code, title, price_fen, working_days, promise, state, created_at, recorded_at)
  VALUES (api.new_id('off'), a, i.code, body ->> 'title', (body ->> 'price_fen')::bigint,
    (body ->> 'working_days')::int, body ->> 'promise', 'listed', t, t)
  ON CONFLICT (agency_id, item_code, title) WHERE state = 'listed' DO NOTHING
  RETURNING * INTO f;
  IF NOT FOUND THEN
    PERFORM api.refuse('duplicate', 'offer.title', '/title', '同名报价已上架', 'an offer with this title is listed');
  END IF;
  RETURN api.finish(c, 201, f.version, api.offer_json(f)::text);
END $$;

CREATE FUNCTION api.offer_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE f market.offer;
BEGIN
  SELECT * INTO f FROM market.offer g WHERE g.id = offer_get.id;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此报价', 'there is no such offer');
  END IF;
  RETURN ROW(f.version, api.offer_json(f)::text, NULL)::api.view;
END $$;

CREATE FUNCTION api.offer_withdraw(caller text, need int, if_match bigint, id text)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; f market.offer;
BEGIN
  c := api.begin(caller, need, NULL, NULL);
  SELECT * INTO f FROM market.offer g
   WHERE g.id = offer_withdraw.id AND g.agency_id = api.agency_of(c.org_id) FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此报价', 'there is no such offer');
  END IF;
  PERFORM api.match(if_match, f.version);
  IF f.state <> 'listed' THEN
    PERFORM api.refuse('wrong-state', 'offer.listed', '', '报价已下架', 'the offer is withdrawn already');
  END IF;
  UPDATE market.offer g SET state = 'withdrawn', version = g.version + 1 WHERE g.id = f.id RETURNING * INTO f;
  RETURN api.finish(c, 200, f.version, api.offer_json(f)::text);
END $$;

-- What an offer sorts by, as one number; equal ones by id.
CREATE FUNCTION api.offer_rank(f market.offer, sort text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE sort WHEN '-price' THEN -f.price_fen WHEN 'days' THEN f.working_days
    WHEN 'newest' THEN -api.us(f.created_at) ELSE f.price_fen END
$$;

-- Listed offers of active agencies for items in force.  A cursor belongs to the order it was made in.
CREATE FUNCTION api.offer_list(item text, category text, agency text, region text,
  price_min_fen bigint, price_max_fen bigint, sort text, asked int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE
  ranked text := coalesce(sort, 'price');
  after text[] := api.cursor_parts(cursor, '^' || ranked || ' (-?[0-9]{1,18}) ([A-Za-z0-9_]{1,64})$');
  keys text[]; items json[];
BEGIN
  SELECT array_agg(ranked || ' ' || s.rank || ' ' || (s.f).id ORDER BY s.rank, (s.f).id),
      array_agg(api.offer_json(s.f) ORDER BY s.rank, (s.f).id)
    INTO keys, items
    FROM (SELECT f, api.offer_rank(f, ranked) AS rank
            FROM market.offer f
            JOIN market.agency a ON a.id = f.agency_id AND a.state = 'active'
            JOIN market.item i ON i.code = f.item_code AND i.newest AND i.active
           WHERE f.state = 'listed'
             AND (offer_list.item IS NULL OR f.item_code = offer_list.item)
             AND (category IS NULL OR i.category_code = category)
             AND (offer_list.agency IS NULL OR f.agency_id = offer_list.agency)
             AND (offer_list.region IS NULL OR a.region = offer_list.region)
             AND (price_min_fen IS NULL OR f.price_fen >= price_min_fen)
             AND (price_max_fen IS NULL OR f.price_fen <= price_max_fen)
             AND (after IS NULL OR (api.offer_rank(f, ranked), f.id) > (after[1]::bigint, after[2]))
           ORDER BY rank, f.id LIMIT coalesce(asked, 50) + 1) s;
  RETURN api.page(keys, items, asked);
END $$;
