-- The fee ledger: the only functions that write market.account and market.transfer.
-- An event posts, for each fund, one transfer between the two accounts that lib/ledger/posting.def
-- names.  Debits equal credits because a transfer is one amount with two ends.  Its id is made of
-- its business key, so the same event never posts twice.  Callers hold the project's row lock.

-- Whose account: agency_id and order_id are '-' before an order exists.
CREATE TYPE api.party AS (
  owner_id text, agency_id text, project_id text, order_id text, fiscal_bp int);

-- floor(amount × bp / 10 000), without overflow.
CREATE FUNCTION api.share(amount bigint, bp int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (amount / 10000) * bp + (amount % 10000) * bp / 10000
$$;

-- The n-th of `winners` equal lots of a budget; the first ones take the fen that do not divide.
CREATE FUNCTION api.lot_fen(budget bigint, winners int, n int) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT budget / winners + CASE WHEN n <= budget % winners THEN 1 ELSE 0 END
$$;

CREATE FUNCTION api.party_of(o market.orders) RETURNS api.party LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(o.owner_id, o.agency_id, o.project_id, o.id, o.fiscal_bp)::api.party
$$;

-- The account of a party, made on first use.
CREATE FUNCTION api.account(w api.party, fund text, kind text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  found_id bigint;
  budget constant boolean := kind LIKE 'budget%';
  agency constant text := CASE WHEN budget THEN '-' ELSE w.agency_id END;
  subject constant text := CASE WHEN budget THEN w.project_id ELSE w.order_id END;
BEGIN
  INSERT INTO market.account (owner_id, agency_id, order_id, fund, kind)
  VALUES (w.owner_id, agency, subject, account.fund, account.kind)
  ON CONFLICT ON CONSTRAINT account_key DO NOTHING RETURNING id INTO found_id;
  IF NOT FOUND THEN
    SELECT a.id INTO STRICT found_id FROM market.account a
     WHERE a.owner_id = w.owner_id AND a.agency_id = agency AND a.order_id = subject
       AND a.fund = account.fund AND a.kind = account.kind;
  END IF;
  RETURN found_id;
END $$;

-- Stores one transfer and moves the totals of its two accounts; a repeated id changes nothing.
CREATE FUNCTION api.transfer(t market.transfer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO market.transfer (id, at, event, group_id, project_id, order_id, fund, debit_id,
    credit_id, amount_fen, reverses, recorded_at)
  VALUES (t.id, t.at, t.event, t.group_id, t.project_id, t.order_id, t.fund, t.debit_id,
    t.credit_id, t.amount_fen, t.reverses, api.now())
  ON CONFLICT ON CONSTRAINT transfer_id DO NOTHING;
  IF FOUND THEN
    UPDATE market.account a SET debits_posted = a.debits_posted + t.amount_fen,
      version = a.version + 1 WHERE a.id = t.debit_id;
    UPDATE market.account a SET credits_posted = a.credits_posted + t.amount_fen,
      version = a.version + 1 WHERE a.id = t.credit_id;
  END IF;
END $$;

-- Posts an event's parts of one fund each.  key: the business key before '.<event>.<fund>'.
CREATE FUNCTION api.post_parts(event text, w api.party, key text, group_id text, fiscal bigint,
  social bigint, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE p api.posting; part record; t market.transfer;
BEGIN
  SELECT * INTO STRICT p FROM api.posting r WHERE r.event = post_parts.event;
  FOR part IN SELECT * FROM (VALUES ('fiscal', fiscal), ('social', social)) v (fund, fen) WHERE fen <> 0
  LOOP
    t.id := key || '.' || event || '.' || part.fund;
    t.at := at; t.event := event; t.group_id := group_id; t.project_id := w.project_id;
    t.order_id := CASE WHEN w.order_id = '-' THEN w.project_id ELSE w.order_id END;
    t.fund := part.fund; t.amount_fen := part.fen;
    t.debit_id := api.account(w, part.fund, p.debit);
    t.credit_id := api.account(w, part.fund, p.credit);
    PERFORM api.transfer(t);
  END LOOP;
END $$;

-- Posts what an event's total grows by, from before to after.  Splitting the totals and not the
-- steps keeps every fund exact however many payments an amount comes in.
CREATE FUNCTION api.post(event text, w api.party, key text, group_id text, before bigint,
  after bigint, at timestamptz) RETURNS void
LANGUAGE sql AS $$
  SELECT api.post_parts(event, w, key, group_id,
    api.share(after, w.fiscal_bp) - api.share(before, w.fiscal_bp),
    (after - api.share(after, w.fiscal_bp)) - (before - api.share(before, w.fiscal_bp)), at)
$$;

-- Turns round every transfer of an order that still stands; event null: of all events.
CREATE FUNCTION api.reverse(order_id text, event text, group_id text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE t market.transfer;
BEGIN
  FOR t IN
    SELECT * FROM market.transfer f
     WHERE f.order_id = reverse.order_id AND f.reverses IS NULL
       AND (reverse.event IS NULL OR f.event = reverse.event)
       AND NOT EXISTS (SELECT FROM market.transfer r WHERE r.reverses = f.id)
     ORDER BY f.index DESC
  LOOP
    SELECT t.id || '.r', t.id, t.credit_id, t.debit_id, 'reversal', reverse.group_id, reverse.at
      INTO t.id, t.reverses, t.debit_id, t.credit_id, t.event, t.group_id, t.at;
    PERFORM api.transfer(t);
  END LOOP;
END $$;

-- The budget of a round is committed when its notice opens (TR2).  Each lot is split by itself:
-- then an award within its lot never asks one fund for more than the lot put there.
CREATE FUNCTION api.post_budget(p market.project, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  odd constant bigint := p.budget_fen % p.winners; -- lots of one fen more
  fiscal constant bigint := odd * api.share(p.budget_fen / p.winners + 1, p.fiscal_bp)
    + (p.winners - odd) * api.share(p.budget_fen / p.winners, p.fiscal_bp);
BEGIN
  PERFORM api.post_parts('budget', ROW(p.owner_id, '-', p.id, '-', p.fiscal_bp)::api.party,
    p.id || '.' || p.round, p.id || '.' || p.round || '.budget', fiscal, p.budget_fen - fiscal, at);
END $$;

-- What is left of the budget goes back when a round fails or is voided.
CREATE FUNCTION api.unpost_budget(p market.project, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE fiscal bigint; social bigint;
BEGIN
  SELECT coalesce(sum(a.debits_posted - a.credits_posted) FILTER (WHERE a.fund = 'fiscal'), 0),
         coalesce(sum(a.debits_posted - a.credits_posted) FILTER (WHERE a.fund = 'social'), 0)
    INTO fiscal, social FROM market.account a
   WHERE a.owner_id = p.owner_id AND a.agency_id = '-' AND a.order_id = p.id
     AND a.kind = 'budget_committed';
  PERFORM api.post_parts('release', ROW(p.owner_id, '-', p.id, '-', p.fiscal_bp)::api.party,
    p.id || '.' || p.round, p.id || '.' || p.round || '.release', fiscal, social, at);
END $$;
