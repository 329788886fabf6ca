-- Who may take part: eligibility, controller groups, credit.

-- The certificate is good to the end of its last day, in the zone of the market (+08:00).
CREATE FUNCTION api.certificate_good(c market.certificate, at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT c.state = 'valid' AND at < (c.expires_on + 1)::timestamp AT TIME ZONE interval '8 hours'
$$;

-- Whether the agency holds the qualification in the grade asked for or a better one.  A grade that
-- the qualification no longer has is met by nobody.
CREATE FUNCTION api.holds(agency text, qualification text, grade text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM market.certificate c JOIN market.qualification q ON q.code = c.qualification_code
     WHERE c.agency_id = agency AND c.qualification_code = holds.qualification AND api.certificate_good(c, at)
       AND (holds.grade IS NULL
         OR array_position(q.grades, c.grade) <= array_position(q.grades, holds.grade)))
$$;

-- Whether an item's rule (market.item.rule) is met; without a rule everybody meets it.
CREATE FUNCTION api.meets(agency text, rule jsonb, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN rule IS NULL THEN true
    ELSE (SELECT CASE WHEN rule ? 'any' THEN coalesce(bool_or(h.held), false) ELSE coalesce(bool_and(h.held), true) END
            FROM (SELECT api.holds(agency, e ->> 'qualification', e ->> 'grade', at) AS held
                    FROM jsonb_array_elements(coalesce(rule -> 'any', rule -> 'all')) e) h) END
$$;

-- Credit points as they stood at a moment.
CREATE FUNCTION api.credit_at(a market.agency, at timestamptz) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT a.credit_points - coalesce((SELECT sum(e.points) FROM market.credit_event e
    WHERE e.agency_id = a.id AND e.at > credit_at.at), 0)::int
$$;

-- Null: the agency may take part in a choice for this item at this moment.  Else the first reason
-- against it, of not-active, no-category, no-qualification, low-credit.
CREATE FUNCTION api.ineligible(agency text, item text, item_version int, at timestamptz,
  judged_by bytea DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE a market.agency; i market.item;
  p market.policy := CASE WHEN judged_by IS NULL THEN api.policy_of_market() ELSE api.policy_by_hash(judged_by) END;
BEGIN
  SELECT * INTO STRICT i FROM market.item j WHERE j.code = item AND j.version = item_version;
  SELECT * INTO a FROM market.agency b WHERE b.id = agency;
  RETURN CASE
    WHEN a.id IS NULL OR a.state <> 'active' THEN 'not-active'
    WHEN NOT i.category_code = ANY (a.categories) THEN 'no-category'
    WHEN NOT api.meets(a.id, i.rule, at) THEN 'no-qualification'
    WHEN api.credit_at(a, at) < api.setting_int(p, 'credit_min') THEN 'low-credit'
  END;
END $$;

-- Agencies under one control are one ticket in a draw and one bidder in an auction.
CREATE FUNCTION api.ticket(agency text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(a.controller_group, a.id) FROM market.agency a WHERE a.id = agency
$$;

-- The registration of an organisation, in whatever state; null: it is no agency.
CREATE FUNCTION api.agency_of(org text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT a.id FROM market.agency a WHERE a.organisation_id = org);
END $$;

-- What conduct costs.  Everybody starts with 100 points.
CREATE FUNCTION api.credit_table() RETURNS TABLE (kind text, points int) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('give-up', -20), ('contract-overdue', -10), ('contract-not-confirmed', -10), ('pick-overdue', -5),
    ('objection-upheld', -10)
$$;

-- Once for each (agency, kind, subject): a job that runs again changes nothing.
CREATE FUNCTION api.credit_event(agency text, kind text, subject text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE p int;
BEGIN
  SELECT t.points INTO STRICT p FROM api.credit_table() t WHERE t.kind = credit_event.kind;
  PERFORM 1 FROM market.agency a WHERE a.id = agency FOR UPDATE;
  INSERT INTO market.credit_event (id, agency_id, kind, subject, points, at)
  VALUES (api.new_id('crd'), agency, credit_event.kind, credit_event.subject, p, credit_event.at)
  ON CONFLICT ON CONSTRAINT credit_event_once DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE market.agency a SET credit_points = a.credit_points + p, version = a.version + 1 WHERE a.id = agency;
  PERFORM api.entry('credit-event', agency, 'engine', credit_event.at, api.canon(jsonb_build_object(
    'agency', agency, 'kind', credit_event.kind, 'subject', credit_event.subject, 'points', p)) || E'\n');
END $$;

-- What an agency did so far.  rating: mean in hundredths; of each order the newest rating of each
-- rater counts, owner, regulator and operator 5:3:2.  orders, fees_fen: those with a contract.
CREATE FUNCTION api.agency_record(agency text, OUT rating int, OUT ratings int, OUT orders int,
  OUT volume_fen bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  WITH newest AS (
    SELECT DISTINCT ON (r.order_id, r.rater) r.order_id,
        r.quality + r."time" + r.conduct + r.price + r.service AS total,
        CASE r.rater WHEN 'owner' THEN 5 WHEN 'regulator' THEN 3 ELSE 2 END AS weight
      FROM market.rating r JOIN market.orders o ON o.id = r.order_id
     WHERE o.agency_id = agency_record.agency ORDER BY r.order_id, r.rater, r.n DESC),
  rated AS (
    SELECT sum(n.total * n.weight)::numeric / (5 * sum(n.weight)) AS mean FROM newest n GROUP BY n.order_id)
  SELECT (SELECT round(avg(r.mean) * 100)::int FROM rated r), (SELECT count(*)::int FROM rated),
      count(*)::int, coalesce(sum(o.contract_fen), 0)::bigint
    INTO rating, ratings, orders, volume_fen
    FROM market.orders o
   WHERE o.agency_id = agency_record.agency AND o.contract_at IS NOT NULL AND o.state <> 'ended';
END $$;
