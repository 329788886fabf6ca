-- The catalogue, policy profiles, agencies and what they offer.

-- What the one who runs the market decided: demo, profile, origin, operator_key.
CREATE TABLE market.setting (
  key text COLLATE "C" CONSTRAINT setting_pk PRIMARY KEY,
  value text NOT NULL);

CREATE TABLE market.category (
  code text COLLATE "C" CONSTRAINT category_pk PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL);

CREATE TABLE market.qualification (
  code text COLLATE "C" CONSTRAINT qualification_pk PRIMARY KEY,
  name_zh text NOT NULL CONSTRAINT qualification_name UNIQUE,
  name_en text NOT NULL,
  grades text[] NOT NULL); -- best first; empty where there are none

-- rule: null (nothing asked) or {"any"|"all": [{"qualification": code, "grade": text|null}, …]};
-- a grade is met by it or a better one.  search: normalised text of both languages.
CREATE TABLE market.item (
  code text COLLATE "C" NOT NULL,
  version int NOT NULL,
  active boolean NOT NULL DEFAULT true,
  newest boolean NOT NULL DEFAULT true,
  category_code text COLLATE "C" NOT NULL CONSTRAINT item_category REFERENCES market.category,
  name_zh text NOT NULL,
  name_en text NOT NULL,
  legal_basis text NOT NULL,
  approval_item text NOT NULL,
  approval_department text NOT NULL,
  service_mode text NOT NULL,
  working_days int NOT NULL CONSTRAINT item_working_days CHECK (working_days > 0),
  rule jsonb,
  search text NOT NULL,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT item_pk PRIMARY KEY (code, version));
CREATE UNIQUE INDEX item_newest ON market.item (code) WHERE newest;

CREATE TABLE market.region (
  code text COLLATE "C" CONSTRAINT region_pk PRIMARY KEY,
  name_zh text NOT NULL,
  name_en text NOT NULL);

-- Holidays and worked weekends; a date outside the loaded range is never guessed.
CREATE TABLE market.calendar_day (
  day date CONSTRAINT calendar_day_pk PRIMARY KEY,
  kind text NOT NULL CONSTRAINT calendar_day_kind CHECK (kind IN ('holiday', 'workday')),
  name_zh text NOT NULL);
CREATE TABLE market.calendar_range (
  first_day date NOT NULL,
  last_day date NOT NULL,
  CONSTRAINT calendar_range_pk PRIMARY KEY (first_day),
  CONSTRAINT calendar_range_order CHECK (first_day <= last_day));

-- body: rules.txt, byte for byte; hash: SHA-256 of it; settings: the same as an object of texts.
CREATE TABLE market.policy (
  hash bytea CONSTRAINT policy_pk PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  version int NOT NULL,
  body text NOT NULL,
  settings jsonb NOT NULL,
  in_force boolean NOT NULL DEFAULT true,
  synthetic boolean NOT NULL DEFAULT false,
  recorded_at timestamptz NOT NULL,
  CONSTRAINT policy_version UNIQUE (name, version));
CREATE UNIQUE INDEX policy_in_force ON market.policy (name) WHERE in_force AND NOT synthetic;

-- controller_group: agencies under one control share it; null stands alone.
CREATE TABLE market.agency (
  id text COLLATE "C" CONSTRAINT agency_pk PRIMARY KEY,
  organisation_id text COLLATE "C" NOT NULL CONSTRAINT agency_organisation UNIQUE
    REFERENCES market.organisation,
  name text NOT NULL,
  state text NOT NULL,
  categories text[] COLLATE "C" NOT NULL,
  region text COLLATE "C" CONSTRAINT agency_region REFERENCES market.region,
  legal_representative text NOT NULL,
  phone text NOT NULL,
  address text NOT NULL,
  controller_group text COLLATE "C",
  check_reason text,
  notice_until timestamptz,
  credit_points int NOT NULL DEFAULT 100,
  search text NOT NULL,
  synthetic boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  registered_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL);
CREATE INDEX agency_by_group ON market.agency (controller_group);
CREATE INDEX agency_by_state ON market.agency (state, registered_at, id);

CREATE TABLE market.certificate (
  id text COLLATE "C" CONSTRAINT certificate_pk PRIMARY KEY,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT certificate_agency REFERENCES market.agency,
  qualification_code text COLLATE "C" NOT NULL
    CONSTRAINT certificate_qualification REFERENCES market.qualification,
  grade text,
  issuer text NOT NULL,
  number text NOT NULL,
  expires_on date NOT NULL, -- good to the end of this day in the market's zone
  state text NOT NULL DEFAULT 'pending' -- counts only when a check made it valid
    CONSTRAINT certificate_state CHECK (state IN ('pending', 'valid', 'refused')),
  recorded_at timestamptz NOT NULL);
CREATE UNIQUE INDEX certificate_number ON market.certificate (qualification_code, issuer, number)
  WHERE state <> 'refused';
CREATE INDEX certificate_by_agency ON market.certificate (agency_id);

CREATE TABLE market.offer (
  id text COLLATE "C" CONSTRAINT offer_pk PRIMARY KEY,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT offer_agency REFERENCES market.agency,
  item_code text COLLATE "C" NOT NULL,
  title text NOT NULL,
  price_fen bigint NOT NULL CONSTRAINT offer_price CHECK (price_fen > 0),
  working_days int NOT NULL CONSTRAINT offer_working_days CHECK (working_days > 0),
  promise text NOT NULL,
  state text NOT NULL CONSTRAINT offer_state CHECK (state IN ('listed', 'withdrawn')),
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL);
CREATE INDEX offer_by_item ON market.offer (item_code, price_fen) WHERE state = 'listed';
CREATE INDEX offer_by_agency ON market.offer (agency_id);
CREATE UNIQUE INDEX offer_title ON market.offer (agency_id, item_code, title) WHERE state = 'listed';

-- What follows from conduct; points are added to agency.credit_points.
CREATE TABLE market.credit_event (
  id text COLLATE "C" CONSTRAINT credit_event_pk PRIMARY KEY,
  agency_id text COLLATE "C" NOT NULL CONSTRAINT credit_event_agency REFERENCES market.agency,
  kind text NOT NULL,
  subject text COLLATE "C" NOT NULL,
  points int NOT NULL,
  at timestamptz NOT NULL,
  CONSTRAINT credit_event_once UNIQUE (agency_id, kind, subject));
