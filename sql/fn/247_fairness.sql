-- Whether chance chose: the wins of everyone who took part in draws, against what uniform draws give.

-- Two-sided p-value of so many wins in independent trials of these chances (Poisson binomial): twice
-- the smaller tail, at most 1.  Exact: the chances of 0 … wins, one trial after the other.
CREATE FUNCTION api.wins_p(chances float8[], wins int) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE f float8[] := array_fill(0::float8, ARRAY[wins + 1]); q float8; n int := 0; below float8;
BEGIN
  f[1] := 1;
  FOREACH q IN ARRAY chances LOOP
    n := n + 1;
    FOR j IN REVERSE least(n, wins)..1 LOOP
      f[j + 1] := f[j + 1] * (1 - q) + f[j] * q;
    END LOOP;
    f[1] := f[1] * (1 - q);
  END LOOP;
  below := (SELECT coalesce(sum(x), 0) FROM unnest(f[1:wins]) x);
  RETURN greatest(0, least(1, 2 * least(below + f[wins + 1], 1 - below)));
END $$;

-- Who took part in which draw: every draw of the main purpose with a result, in which each of the n
-- candidates wins with chance k / n.  Weighted draws and those by strata have other chances, and are
-- not judged here.
CREATE FUNCTION api.fair_entries(by_owner boolean)
RETURNS TABLE (agency_id text, owner_id text, chance float8, won boolean, again boolean, stalled boolean)
LANGUAGE sql STABLE AS $$
  SELECT split_part(l, ' ', 1), CASE WHEN by_owner THEN p.owner_id END, least(1, k.winners::float8 / c.n),
         split_part(l, ' ', 1) = ANY (k.first), d.attempt > 1,
         EXISTS (SELECT FROM market.draw s WHERE s.id = d.id AND s.stalled_at IS NOT NULL)
    FROM market.draw d
    JOIN market.project p ON p.id = d.project_id
    CROSS JOIN LATERAL (SELECT substring(d."freeze" FROM E'\nwinners ([0-9]+)\n')::int AS winners,
      (string_to_array(substring(d.result FROM E'\norder ([^\n]*)\n'), ' '))[1:substring(d."freeze" FROM E'\nwinners ([0-9]+)\n')::int]
        AS first) k
    CROSS JOIN LATERAL (SELECT substring(d."freeze" FROM E'\ncandidates ([0-9]+) ')::int AS n) c
    CROSS JOIN LATERAL string_to_table(rtrim(d.candidates, E'\n'), E'\n') l
   WHERE d.state = 'drawn' AND d.purpose = 'main' AND d."freeze" ~ E'\nmethod fisher-yates\nwinners [0-9]+\ncandidates '
$$;

-- One row for each agency, or for each agency at each owner, with its p-value and, since many are
-- looked at, the one corrected by Holm (1979): the least p times the number of rows, and so on up.
-- Shares and p-values are in millionths.
CREATE FUNCTION api.fair_rows(by_owner boolean) RETURNS TABLE (agency_id text, owner_id text, draws int, wins int,
  expected bigint, p bigint, corrected bigint, again int, stalls int)
LANGUAGE sql STABLE AS $$
  WITH one AS (
    SELECT e.agency_id, e.owner_id, count(*)::int AS draws, count(*) FILTER (WHERE e.won)::int AS wins,
           sum(e.chance) AS expected, array_agg(e.chance) AS chances,
           count(*) FILTER (WHERE e.again)::int AS again, count(*) FILTER (WHERE e.stalled)::int AS stalls
      FROM api.fair_entries(by_owner) e GROUP BY e.agency_id, e.owner_id),
  tried AS (SELECT o.*, api.wins_p(o.chances, o.wins) AS p FROM one o),
  ranked AS (SELECT t.*, row_number() OVER (ORDER BY t.p, t.agency_id, t.owner_id) AS nth, count(*) OVER () AS all_rows FROM tried t)
  SELECT r.agency_id, r.owner_id, r.draws, r.wins, round(r.expected * 1e6)::bigint, round(r.p * 1e6)::bigint,
         round(1e6 * max(least(1, (r.all_rows - r.nth + 1) * r.p)) OVER (ORDER BY r.nth))::bigint, r.again, r.stalls
    FROM ranked r
$$;

CREATE FUNCTION api.draw_fairness(by text, asked int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE after text[] := api.cursor_parts(cursor, '^(\d{1,7}) (\d{1,7}) ([^ ]*) ([^ ]*)$'); keys text[]; items json[];
BEGIN
  SELECT array_agg(h.key ORDER BY h.corrected, h.p, h.agency_id, h.owner), array_agg(h.line ORDER BY h.corrected, h.p, h.agency_id, h.owner)
    INTO keys, items
    FROM (SELECT r.corrected, r.p, r.agency_id COLLATE "C" AS agency_id, o.owner COLLATE "C" AS owner,
                 r.corrected || ' ' || r.p || ' ' || r.agency_id || ' ' || o.owner AS key,
                 json_build_object('agency_id', r.agency_id, 'owner_id', r.owner_id, 'draws', r.draws, 'wins', r.wins,
                   'expected_millionths', r.expected, 'p_millionths', r.p, 'corrected_p_millionths', r.corrected,
                   'draws_repeated', r.again, 'draws_stalled', r.stalls) AS line
            FROM api.fair_rows(coalesce(by, 'agency') = 'owner') r, LATERAL (SELECT coalesce(r.owner_id, '') AS owner) o
           WHERE after IS NULL OR (r.corrected, r.p, r.agency_id COLLATE "C", o.owner COLLATE "C")
               > (after[1]::bigint, after[2]::bigint, after[3] COLLATE "C", after[4] COLLATE "C")
           ORDER BY 1, 2, 3, 4 LIMIT coalesce(asked, 50) + 1) h;
  RETURN api.page(keys, items, asked);
END $$;
