-- Projects and the three ways to choose.
-- A price: fixed (price_fen), ceiling (ceiling_fen, floor_fen or null), none.
-- budget_fen is what the owner may spend at most; it is what the ledger commits at opening.
CREATE TABLE market.project (
  id text COLLATE "C" CONSTRAINT project_pk PRIMARY KEY,
  owner_id text COLLATE "C" NOT NULL CONSTRAINT project_owner REFERENCES market.organisation,
  author_id text COLLATE "C" NOT NULL CONSTRAINT project_author REFERENCES market.person,
  item_code text COLLATE "C" NOT NULL,
  item_version int NOT NULL,
  title text NOT NULL,
  content text NOT NULL,
  mode text NOT NULL CONSTRAINT project_mode CHECK (mode IN ('draw', 'pick', 'auction')),
  profile text COLLATE "C" NOT NULL,
  fiscal_bp int NOT NULL CONSTRAINT project_fiscal CHECK (fiscal_bp BETWEEN 0 AND 10000),
  price_basis text NOT NULL CONSTRAINT project_price_basis
    CHECK (price_basis IN ('fixed', 'ceiling', 'none')),
  price_fen bigint, ceiling_fen bigint, floor_fen bigint, step_fen bigint,
  budget_fen bigint NOT NULL CONSTRAINT project_budget CHECK (budget_fen > 0),
  winners int NOT NULL DEFAULT 1,
  avoid jsonb NOT NULL DEFAULT '[]', -- [{"agency_id", "reason"}]
  state text NOT NULL,
  round int NOT NULL DEFAULT 1,
  policy_hash bytea, -- frozen at opening (TR2)
  commitment bytea, -- of the present round
  wanted_deadline_at timestamptz, -- what the draft asks for; null: the profile's shortest
  submitter_id text COLLATE "C", -- with author_id: who may not review (TR2)
  reviewer_id text COLLATE "C",
  review_reason text,
  opened_at timestamptz,
  deadline_at timestamptz,
  standstill_until timestamptz,
  end_reason text, -- of failed or voided: 'too-few', …
  search text NOT NULL,
  synthetic boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT project_item FOREIGN KEY (item_code, item_version) REFERENCES market.item);
CREATE INDEX project_by_owner ON market.project (owner_id, created_at);
CREATE INDEX project_by_state ON market.project (state, created_at);
CREATE INDEX project_by_time ON market.project (created_at, id) WHERE opened_at IS NOT NULL;

-- Each round's notice as published (the canonical JSON line) and how it ended; stays for ever.
CREATE TABLE market.round (
  project_id text COLLATE "C" NOT NULL CONSTRAINT round_project REFERENCES market.project,
  round int NOT NULL,
  notice text NOT NULL,
  commitment bytea NOT NULL CONSTRAINT round_commitment UNIQUE, -- never used twice
  opened_at timestamptz NOT NULL,
  outcome text CONSTRAINT round_outcome CHECK (outcome IN ('awarded', 'failed', 'voided')),
  end_reason text,
  ended_at timestamptz,
  CONSTRAINT round_pk PRIMARY KEY (project_id, round));

CREATE TABLE market.amendment (
  project_id text COLLATE "C" NOT NULL CONSTRAINT amendment_project REFERENCES market.project,
  n int NOT NULL,
  round int NOT NULL,
  old_notice text NOT NULL,
  new_notice text NOT NULL,
  material boolean NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT amendment_pk PRIMARY KEY (project_id, n));

-- For draws and auctions.  seal = SHA-256(tag("signup") || lp(draw) || lp(agency) || salt); the
-- entry with this leaf lies in market.outbox.  ticket: controller group, or the agency's id.
CREATE TABLE market.signup (
  id text COLLATE "C" CONSTRAINT signup_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT signup_project REFERENCES market.project,
  round int NOT NULL,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT signup_agency REFERENCES market.agency,
  ticket text COLLATE "C" NOT NULL,
  salt bytea NOT NULL,
  leaf bytea NOT NULL,
  withdrawn_at timestamptz,
  label text, -- of a bidder, given when the auction begins
  version bigint NOT NULL DEFAULT 1,
  at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT signup_once UNIQUE (project_id, round, agency_id));
CREATE UNIQUE INDEX signup_ticket ON market.signup (project_id, round, ticket) WHERE withdrawn_at IS NULL;
CREATE INDEX outbox_by_leaf ON market.outbox (leaf);
CREATE INDEX outbox_by_subject ON market.outbox (subject, id);

-- The order of a round's choice, all modes: place 1 … ; amount: what an award of this place is worth.
CREATE TABLE market.standing (
  project_id text COLLATE "C" NOT NULL CONSTRAINT standing_project REFERENCES market.project,
  round int NOT NULL,
  place int NOT NULL,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT standing_agency REFERENCES market.agency,
  amount_fen bigint NOT NULL CONSTRAINT standing_amount CHECK (amount_fen > 0),
  state text NOT NULL CONSTRAINT standing_state
    CHECK (state IN ('substitute', 'winner', 'declined', 'disqualified')),
  reason text,
  at timestamptz NOT NULL,
  CONSTRAINT standing_pk PRIMARY KEY (project_id, round, place));

-- Announced VRF keys.  synthetic keys are refused for projects opened through the interface.
CREATE TABLE market.draw_key (
  public_key bytea CONSTRAINT draw_key_pk PRIMARY KEY
    CONSTRAINT draw_key_form CHECK (length(public_key) = 33 AND get_byte(public_key, 0) IN (2, 3)),
  name text COLLATE "C" NOT NULL,
  announced_at timestamptz NOT NULL,
  retired_at timestamptz,
  synthetic boolean NOT NULL DEFAULT false);

-- id = <project>.<round>, a tie adds '.tie'.  Texts are the exact bytes stored and served.
CREATE TABLE market.draw (
  id text COLLATE "C" NOT NULL,
  attempt int NOT NULL,
  project_id text COLLATE "C" NOT NULL CONSTRAINT draw_project REFERENCES market.project,
  round int NOT NULL,
  purpose text NOT NULL CONSTRAINT draw_purpose CHECK (purpose IN ('main', 'tie')),
  state text NOT NULL CONSTRAINT draw_state
    CHECK (state IN ('requested', 'open', 'frozen', 'contributing', 'drawn', 'void')),
  commitment bytea NOT NULL,
  close_at timestamptz NOT NULL,
  stall_at timestamptz,
  stalled_at timestamptz,
  notice text,
  rules text,
  candidates text,
  excluded text,
  signups text,
  "freeze" text,
  freeze_hash bytea,
  seed bytea,
  result text,
  void text,
  version bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT draw_pk PRIMARY KEY (id, attempt));
CREATE INDEX draw_by_project ON market.draw (project_id, round);

-- value: V of draw.md; proof: pi (81 bytes) of a vrf-p256 contributor, else null.
CREATE TABLE market.contribution (
  draw_id text COLLATE "C" NOT NULL,
  attempt int NOT NULL,
  index int NOT NULL,
  kind text NOT NULL CONSTRAINT contribution_kind CHECK (kind IN ('vrf-p256', 'commit', 'drand', 'nist')),
  name text COLLATE "C" NOT NULL,
  public_key bytea, -- or the commitment C
  value bytea,
  proof bytea,
  at timestamptz,
  CONSTRAINT contribution_pk PRIMARY KEY (draw_id, attempt, index),
  CONSTRAINT contribution_draw FOREIGN KEY (draw_id, attempt) REFERENCES market.draw);

CREATE TABLE market.pick (
  project_id text COLLATE "C" NOT NULL CONSTRAINT pick_project REFERENCES market.project,
  round int NOT NULL,
  n int NOT NULL,
  offer_id text COLLATE "C" NOT NULL CONSTRAINT pick_offer REFERENCES market.offer,
  agency_id text COLLATE "C" NOT NULL,
  amount_fen bigint NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  answer_due timestamptz NOT NULL,
  answer text CONSTRAINT pick_answer CHECK (answer IN ('accepted', 'declined', 'overdue')),
  answer_reason text,
  answered_at timestamptz,
  CONSTRAINT pick_pk PRIMARY KEY (project_id, round, n));

CREATE TABLE market.auction (
  id text COLLATE "C" CONSTRAINT auction_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT auction_project REFERENCES market.project,
  round int NOT NULL,
  state text NOT NULL CONSTRAINT auction_state CHECK (state IN ('live', 'ended', 'failed', 'void')),
  ceiling_fen bigint NOT NULL,
  floor_fen bigint,
  step_fen bigint NOT NULL CONSTRAINT auction_step CHECK (step_fen > 0),
  extension_window interval NOT NULL,
  starts_at timestamptz NOT NULL,
  effective_end timestamptz NOT NULL,
  hard_end timestamptz NOT NULL,
  best_fen bigint,
  last_bid_at timestamptz,
  bids int NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT auction_once UNIQUE (project_id, round));

CREATE TABLE market.bid (
  auction_id text COLLATE "C" NOT NULL CONSTRAINT bid_auction REFERENCES market.auction,
  seq int NOT NULL,
  agency_id text COLLATE "C" NOT NULL,
  label text NOT NULL,
  amount_fen bigint NOT NULL CONSTRAINT bid_amount CHECK (amount_fen > 0),
  at timestamptz NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT bid_pk PRIMARY KEY (auction_id, seq));
CREATE INDEX bid_by_agency ON market.bid (auction_id, agency_id);
CREATE INDEX bid_by_amount ON market.bid (auction_id, amount_fen, seq);

CREATE TABLE market.objection (
  id text COLLATE "C" CONSTRAINT objection_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT objection_project REFERENCES market.project,
  round int NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  body text NOT NULL,
  state text NOT NULL CONSTRAINT objection_state CHECK (state IN ('open', 'upheld', 'dismissed')),
  decision text,
  decided_by text COLLATE "C",
  version bigint NOT NULL DEFAULT 1,
  at timestamptz NOT NULL,
  decided_at timestamptz);
CREATE INDEX objection_by_project ON market.objection (project_id, round);

CREATE TABLE market.void_request (
  id text COLLATE "C" CONSTRAINT void_request_pk PRIMARY KEY,
  project_id text COLLATE "C" NOT NULL CONSTRAINT void_request_project REFERENCES market.project,
  round int NOT NULL,
  reason text NOT NULL,
  stalled text,
  requested_by text COLLATE "C" NOT NULL,
  regulator boolean NOT NULL, -- the asker is one: after selected one of the two must be (TR12)
  confirmed_by text COLLATE "C",
  state text NOT NULL CONSTRAINT void_request_state CHECK (state IN ('asked', 'confirmed', 'lapsed')),
  version bigint NOT NULL DEFAULT 1,
  at timestamptz NOT NULL,
  confirmed_at timestamptz,
  CONSTRAINT void_request_two_people CHECK (confirmed_by <> requested_by));
CREATE UNIQUE INDEX void_request_open ON market.void_request (project_id, round) WHERE state = 'asked';
