-- Orders, ratings and the fee ledger.
-- lot: which equal part of the project's budget the order spends from (1 … winners).
CREATE TABLE market.orders (
  id text COLLATE "C" CONSTRAINT orders_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT orders_project REFERENCES market.project,
  round int NOT NULL,
  place int NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT orders_agency REFERENCES market.agency,
  item_code text COLLATE "C" NOT NULL,
  category_code text COLLATE "C" NOT NULL,
  mode text NOT NULL,
  fiscal_bp int NOT NULL CONSTRAINT orders_fiscal CHECK (fiscal_bp BETWEEN 0 AND 10000),
  lot int NOT NULL CONSTRAINT orders_lot CHECK (lot > 0),
  state text NOT NULL, -- lib/order/state.def
  award_fen bigint NOT NULL CONSTRAINT orders_award CHECK (award_fen > 0),
  contract_fen bigint CONSTRAINT orders_contract CHECK (contract_fen > 0), -- as filed
  contract_number text,
  contract_text text,
  delivery_note text,
  declared_fen bigint NOT NULL DEFAULT 0,
  evidenced_fen bigint NOT NULL DEFAULT 0,
  end_reason text,
  overdue_at timestamptz, -- the owner did not file the contract in time (TR8)
  awarded_at timestamptz NOT NULL,
  contract_due timestamptz,
  contract_at timestamptz, -- signed, by both: the date of the statistics
  delivered_at timestamptz,
  accept_due timestamptz,
  accepted_at timestamptz,
  paid_at timestamptz,
  synthetic boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT orders_once UNIQUE (project_id, round, place),
  CONSTRAINT orders_payment CHECK (evidenced_fen BETWEEN 0 AND declared_fen
    AND (declared_fen = 0 OR declared_fen <= contract_fen)));
CREATE INDEX orders_by_owner ON market.orders (owner_id, awarded_at);
CREATE INDEX orders_by_agency ON market.orders (agency_id, awarded_at);
CREATE INDEX orders_by_award ON market.orders (awarded_at, id);
CREATE INDEX orders_by_contract ON market.orders (contract_at)
  INCLUDE (mode, award_fen, contract_fen, declared_fen, evidenced_fen, synthetic);
CREATE INDEX person_by_registration ON market.person (registered_at);

-- What the owner declared and what the agency evidenced; each amount is one posting of its event.
CREATE TABLE market.payment (
  order_id text COLLATE "C" NOT NULL CONSTRAINT payment_order REFERENCES market.orders,
  n int NOT NULL,
  event text NOT NULL CONSTRAINT payment_event CHECK (event IN ('declared', 'evidenced')),
  amount_fen bigint NOT NULL CONSTRAINT payment_amount CHECK (amount_fen > 0),
  reference text NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT payment_pk PRIMARY KEY (order_id, n));

-- Versions: the newest n of (order, rater) counts.
CREATE TABLE market.rating (
  order_id text COLLATE "C" NOT NULL CONSTRAINT rating_order REFERENCES market.orders,
  rater text NOT NULL CONSTRAINT rating_rater CHECK (rater IN ('owner', 'regulator', 'operator')),
  n int NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  quality int NOT NULL, time int NOT NULL, conduct int NOT NULL, price int NOT NULL, service int NOT NULL,
  remark text,
  at timestamptz NOT NULL,
  CONSTRAINT rating_pk PRIMARY KEY (order_id, rater, n),
  CONSTRAINT rating_range CHECK (least(quality, time, conduct, price, service) >= 1
    AND greatest(quality, time, conduct, price, service) <= 5));

-- (owner, agency, order, fund, kind); '-' where one does not apply yet (a budget has no agency and
-- its "order" is the project's id).  Totals are kept by the posting function only.
CREATE TABLE market.account (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT account_pk PRIMARY KEY,
  owner_id text COLLATE "C" NOT NULL,
  agency_id text COLLATE "C" NOT NULL,
  order_id text COLLATE "C" NOT NULL,
  fund text NOT NULL CONSTRAINT account_fund CHECK (fund IN ('fiscal', 'social')),
  kind text NOT NULL,
  debits_pending bigint NOT NULL DEFAULT 0,
  debits_posted bigint NOT NULL DEFAULT 0,
  credits_pending bigint NOT NULL DEFAULT 0,
  credits_posted bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT account_key UNIQUE (owner_id, agency_id, order_id, fund, kind),
  CONSTRAINT account_sign CHECK (least(debits_pending, debits_posted, credits_pending, credits_posted) >= 0),
  CONSTRAINT account_balance CHECK (CASE kind WHEN 'budget_contra' THEN credits_posted >= debits_posted
    ELSE debits_posted >= credits_posted END));

-- One debit, one credit, one amount; never changed (trigger).  id is given by the posting's
-- business key (order, event, fund, n), so the same event never posts twice.
CREATE TABLE market.transfer (
  index bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT transfer_pk PRIMARY KEY,
  id text COLLATE "C" NOT NULL CONSTRAINT transfer_id UNIQUE,
  at timestamptz NOT NULL,
  event text NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  project_id text COLLATE "C" NOT NULL CONSTRAINT transfer_project REFERENCES market.project,
  order_id text COLLATE "C" NOT NULL,
  fund text NOT NULL,
  debit_id bigint NOT NULL CONSTRAINT transfer_debit REFERENCES market.account,
  credit_id bigint NOT NULL CONSTRAINT transfer_credit REFERENCES market.account,
  amount_fen bigint NOT NULL CONSTRAINT transfer_amount CHECK (amount_fen > 0),
  reverses text COLLATE "C" CONSTRAINT transfer_reverses UNIQUE REFERENCES market.transfer (id),
  recorded_at timestamptz NOT NULL,
  CONSTRAINT transfer_two_accounts CHECK (debit_id <> credit_id));
CREATE INDEX transfer_by_order ON market.transfer (order_id, index);
CREATE INDEX transfer_by_project ON market.transfer (project_id, index);
CREATE INDEX transfer_by_time ON market.transfer (at);

CREATE FUNCTION market.is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.transfer
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER payment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.payment
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER rating_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.rating
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
CREATE TRIGGER outbox_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON market.outbox
  FOR EACH STATEMENT EXECUTE FUNCTION market.is_append_only();
