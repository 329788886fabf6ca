-- Reads of the whole ledger, for auditor and regulator, and the public figures.

-- The whole ledger is read by regulator and auditor.
CREATE FUNCTION api.ledger_reader(caller text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF ((api.reader(caller)).roles & (8 | 16)) = 0 THEN
    PERFORM api.refuse('forbidden', '', '', '该角色无权查阅台账', 'this role may not read the ledger');
  END IF;
END $$;

-- The highest index below which nothing can appear any more.  An index is given before its
-- transaction commits, so the highest one visible may have gaps that fill later.  The lock waits
-- for the postings in flight and holds new ones back for an instant; a standby cannot take it and
-- takes the highest index it has replayed.
CREATE FUNCTION api.ledger_cut() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT pg_is_in_recovery() THEN
    LOCK TABLE market.transfer IN SHARE MODE;
  END IF;
  RETURN (SELECT coalesce(max(t.index), 0) FROM market.transfer t);
END $$;

CREATE FUNCTION api.ledger_entries(caller text, after bigint, event text, fund text, project text,
  "order" text, "limit" int, cursor text) RETURNS api.view
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  lines json[]; last bigint; next text; n int := coalesce("limit", 50); key text; cut bigint;
BEGIN
  PERFORM api.ledger_reader(caller);
  key := api.cursor_get(cursor);
  IF key !~ '^\d{1,18}$' THEN
    PERFORM api.refuse('bad-input', '', 'cursor', '分页游标无效', 'the cursor is not one of ours');
  END IF;
  cut := api.ledger_cut();
  SELECT array_agg(api.transfer_json(t) ORDER BY t.index), (array_agg(t.index ORDER BY t.index))[n]
    INTO lines, last
    FROM (SELECT f.* FROM market.transfer f
           WHERE f.index > greatest(coalesce(after, 0), coalesce(key::bigint, 0)) AND f.index <= cut
             AND (ledger_entries.event IS NULL OR f.event = ledger_entries.event)
             AND (ledger_entries.fund IS NULL OR f.fund = ledger_entries.fund)
             AND (project IS NULL OR f.project_id = project)
             AND ("order" IS NULL OR f.order_id = "order")
           ORDER BY f.index LIMIT n + 1) t;
  IF array_length(lines, 1) > n THEN
    next := api.cursor_put(last::text);
  END IF;
  RETURN ROW(NULL, json_build_object('items', coalesce(to_json(lines[1:n]), '[]'),
    'next_cursor', next)::text, next)::api.view;
END $$;

-- A basis counts the debits of its kind, less what was turned round.  The year is the transfer's.
CREATE FUNCTION api.ledger_totals(caller text, year int, fund text, mode text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE body text;
BEGIN
  PERFORM api.ledger_reader(caller);
  WITH sums AS (
    SELECT d.kind AS debit, k.kind AS credit, t.reverses IS NOT NULL AS turned, count(*) AS n,
           sum(t.amount_fen) AS fen
      FROM market.transfer t
      JOIN market.account d ON d.id = t.debit_id
      JOIN market.account k ON k.id = t.credit_id
     WHERE (year IS NULL OR (t.at >= api.year_start(year) AND t.at < api.year_start(year + 1)))
       AND (ledger_totals.fund IS NULL OR t.fund = ledger_totals.fund)
       AND (ledger_totals.mode IS NULL OR EXISTS (SELECT FROM market.project p
             WHERE p.id = t.project_id AND p.mode = ledger_totals.mode))
     GROUP BY 1, 2, 3),
  sides AS (
    SELECT s.debit AS kind, s.fen AS debit, 0 AS credit, CASE WHEN s.turned THEN 0 ELSE s.fen END AS basis, s.n
      FROM sums s
    UNION ALL
    SELECT s.credit, 0, s.fen, CASE WHEN s.turned THEN -s.fen ELSE 0 END, 0 FROM sums s),
  kinds AS (
    SELECT s.kind, sum(s.debit)::bigint AS debits, sum(s.credit)::bigint AS credits,
           sum(s.basis)::bigint AS basis, sum(s.n)::bigint AS n
      FROM sides s GROUP BY s.kind)
  SELECT json_build_object('year', year, 'fund', ledger_totals.fund, 'mode', ledger_totals.mode,
    'transfers', coalesce(sum(k.n), 0)::bigint,
    'award_fen', coalesce(sum(k.basis) FILTER (WHERE k.kind = 'award_committed'), 0)::bigint,
    'contract_fen', coalesce(sum(k.basis) FILTER (WHERE k.kind = 'contract_committed'), 0)::bigint,
    'declared_fen', coalesce(sum(k.basis) FILTER (WHERE k.kind = 'fee_paid_declared'), 0)::bigint,
    'evidenced_fen', coalesce(sum(k.basis) FILTER (WHERE k.kind = 'fee_paid_evidenced'), 0)::bigint,
    'debits_fen', coalesce(sum(k.debits), 0)::bigint,
    'credits_fen', coalesce(sum(k.credits), 0)::bigint,
    'trial_balance', coalesce(json_agg(json_build_object('kind', k.kind, 'debits_fen', k.debits,
      'credits_fen', k.credits) ORDER BY k.kind), '[]'))::text
    INTO body FROM kinds k;
  RETURN ROW(NULL, body, NULL)::api.view;
END $$;

-- One piece of the export (RFC 4180): at most `count` transfers of index > after.  upto null is
-- the first call: it fixes the cut-off, which every later call passes again; the header stands
-- before the first transfer of the ledger.  last null ends the export.
CREATE FUNCTION api.ledger_csv(caller text, after bigint, count int, upto bigint)
RETURNS TABLE (chunk text, last bigint, cut bigint)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM api.ledger_reader(caller);
  cut := coalesce(upto, api.ledger_cut());
  SELECT string_agg(concat_ws(',', t.id, api.utc_us(t.at), t.event, t.group_id, t.order_id, t.fund,
      d.kind, k.kind, t.amount_fen, coalesce(t.reverses, '')), E'\r\n' ORDER BY t.index) || E'\r\n',
    max(t.index) INTO chunk, last
    FROM (SELECT * FROM market.transfer f WHERE f.index > coalesce(after, 0) AND f.index <= cut
           ORDER BY f.index LIMIT count) t
    JOIN market.account d ON d.id = t.debit_id JOIN market.account k ON k.id = t.credit_id;
  chunk := CASE WHEN coalesce(after, 0) = 0
    THEN E'transfer_id,at,event,group,order_id,fund,debit,credit,amount_fen,reverses\r\n' ELSE '' END
    || coalesce(chunk, '');
  RETURN NEXT;
END $$;

-- The published table.  Counts of people and orders run over an index of the date alone.
CREATE FUNCTION api.statistics_get(year int) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE
  first constant timestamptz := coalesce(api.year_start(year), '-infinity');
  past constant timestamptz := coalesce(api.year_start(year + 1), 'infinity');
  body text;
BEGIN
  SELECT json_build_object('year', year,
    'agencies', (SELECT count(*) FROM market.agency a
                  WHERE a.registered_at < past AND a.state IN ('active', 'suspended')),
    'categories', (SELECT count(*) FROM market.category),
    'items', (SELECT count(*) FROM market.item i WHERE i.active),
    'users', (SELECT count(*) FROM market.person u WHERE u.registered_at < past),
    'orders', count(*),
    'orders_draw', count(*) FILTER (WHERE o.mode = 'draw'),
    'orders_pick', count(*) FILTER (WHERE o.mode = 'pick'),
    'orders_auction', count(*) FILTER (WHERE o.mode = 'auction'),
    'orders_synthetic', count(*) FILTER (WHERE o.synthetic),
    'award_fen', coalesce(sum(o.award_fen), 0)::bigint,
    'contract_fen', coalesce(sum(o.contract_fen), 0)::bigint,
    'declared_fen', coalesce(sum(o.declared_fen), 0)::bigint,
    'evidenced_fen', coalesce(sum(o.evidenced_fen), 0)::bigint)::text
    INTO body FROM market.orders o WHERE o.contract_at >= first AND o.contract_at < past;
  RETURN ROW(NULL, body, NULL)::api.view;
END $$;
