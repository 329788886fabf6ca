-- Random beacons: who publishes, which round a draw waits for, when that round comes.

-- drand: quicknet, by its chain hash.  nist: the number of the chain.
CREATE FUNCTION api.beacon_chain(beacon text) RETURNS TABLE (name text, chain bytea) LANGUAGE sql STABLE AS $$
  SELECT 'quicknet', '\x52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971'::bytea WHERE beacon = 'drand'
  UNION ALL SELECT '2', NULL WHERE beacon = 'nist'
$$;

-- Rounds of quicknet come every 3 s from 1692803367 on.  Pulses of NIST come every minute, counted
-- from one whose time is known (market.setting nist_pulse, "<pulse> <seconds since 1970>"); gaps
-- make a later pulse later, never earlier.
CREATE FUNCTION api.beacon_clock(beacon text) RETURNS TABLE (first bigint, at timestamptz, period interval)
LANGUAGE sql STABLE AS $$
  SELECT 1::bigint, to_timestamp(1692803367), interval '3 s' WHERE beacon = 'drand'
  UNION ALL
  SELECT split_part(s.value, ' ', 1)::bigint, to_timestamp(split_part(s.value, ' ', 2)::bigint), interval '60 s'
    FROM market.setting s WHERE s.key = 'nist_pulse' AND beacon = 'nist'
$$;

-- When the round comes; null for what is no beacon.
CREATE FUNCTION api.beacon_time(beacon text, round bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT k.at + (beacon_time.round - k.first) * k.period FROM api.beacon_clock(beacon) k
$$;

-- The round a draw waits for: beacon_delay seconds (market.setting; 3600) after its close, or after
-- the freeze if that is late.  Whoever speaks before the beacon has that long.
CREATE FUNCTION api.beacon_round_for(d market.draw, t timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT k.first + ceil(extract(epoch FROM greatest(d.close_at, t) + interval '1 s' * greatest(120, coalesce((
      SELECT s.value::int FROM market.setting s WHERE s.key = 'beacon_delay'), 3600)) - k.at)
      / extract(epoch FROM k.period))::bigint
    FROM api.beacon_clock(d.beacon) k
$$;

-- The beacons that this market can check (market.setting beacons, names with single spaces).
CREATE FUNCTION api.beacon_offered(beacon text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM market.setting s WHERE s.key = 'beacons' AND beacon = ANY (string_to_array(s.value, ' ')))
    AND EXISTS (SELECT FROM api.beacon_clock(beacon))
$$;
