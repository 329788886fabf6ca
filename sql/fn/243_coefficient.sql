-- The drawn coefficient: the price of a drawn order is so many per mille of the ceiling, by a draw of
-- its own (method integer, purpose coef) over the lists of the main draw, after it.

CREATE FUNCTION api.coefficient_draw(p market.project) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT p.id || '.' || p.round || '.coef'
$$;

-- TR1, the coefficient of a draft.
CREATE FUNCTION api.coefficient_check(p market.project) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p.coefficient_lo NOT BETWEEN 1 AND 1000 THEN
    PERFORM api.refuse('bad-input', 'TR1', '/coefficient/lo', '系数应为 1 至 1000（千分之）', 'a coefficient is 1 to 1000 per mille');
  END IF;
  IF p.coefficient_hi NOT BETWEEN 1 AND 1000 THEN
    PERFORM api.refuse('bad-input', 'TR1', '/coefficient/hi', '系数应为 1 至 1000（千分之）', 'a coefficient is 1 to 1000 per mille');
  END IF;
  IF p.coefficient_lo > p.coefficient_hi THEN
    PERFORM api.project_rule('/coefficient/lo', '系数下限高于上限', 'the lowest coefficient is above the highest');
  END IF;
  IF p.coefficient_lo IS NOT NULL AND p.mode <> 'draw' THEN
    PERFORM api.project_rule('/coefficient', '仅随机选取可用随机系数', 'a drawn coefficient is for draws');
  END IF;
  IF p.coefficient_lo IS NOT NULL AND p.price_basis <> 'ceiling' THEN
    PERFORM api.project_rule('/coefficient', '随机系数须以最高限价为基数', 'a drawn coefficient is a part of a ceiling, not of another price');
  END IF;
END $$;

-- So many per mille of the ceiling, rounded half up, never under 1 fen.  10^13 fen times 1000 are
-- three digits short of what a bigint holds.
CREATE FUNCTION api.coefficient_fen(ceiling_fen bigint, per_mille int) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT greatest(1, (ceiling_fen * per_mille + 500) / 1000)
$$;

-- The integer that a draw gave; null before, and where a draw gives an order.
CREATE FUNCTION api.result_value(draw text) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT substring(w.result FROM E'\nvalue ([0-9]+)\n')::int FROM market.draw w
   WHERE w.id = draw AND w.purpose = 'coef' AND w.result IS NOT NULL
$$;

-- As it is answered; draw_id: once the draw of the coefficient is asked for.
CREATE FUNCTION api.coefficient_json(p market.project) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('lo', p.coefficient_lo, 'hi', p.coefficient_hi,
      'draw_id', (SELECT w.id FROM market.draw w WHERE w.id = api.coefficient_draw(p) AND w.attempt = 1),
      'value', api.result_value(api.coefficient_draw(p)))
   WHERE p.coefficient_lo IS NOT NULL
$$;

-- What a place in a drawn order is worth.
CREATE FUNCTION api.draw_amount(p market.project) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p.coefficient_lo IS NULL THEN coalesce(p.price_fen, p.ceiling_fen)
    ELSE api.coefficient_fen(p.ceiling_fen, api.result_value(api.coefficient_draw(p))) END
$$;

-- The order is drawn, the price is not: the owner is asked for the commitment of a draw with the
-- same contributors.  It was not asked before, since one commitment would open both draws.
CREATE FUNCTION api.coefficient_ask(d market.draw, p market.project, t timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE n market.draw;
BEGIN
  INSERT INTO market.draw (id, attempt, project_id, round, purpose, state, close_at, stall_at, witnesses, beacon,
    recorded_at)
  VALUES (api.coefficient_draw(p), 1, p.id, p.round, 'coef', 'requested', d.close_at,
    api.due(api.policy_by_hash(p.policy_hash), 'stall_after', t), d.witnesses, d.beacon, t)
  RETURNING * INTO n;
  UPDATE market.project m SET version = m.version + 1 WHERE m.id = p.id;
  PERFORM api.job_plan('draw_stall', n.id, n.stall_at);
END $$;
