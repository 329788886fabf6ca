-- What is done at the machine, by the migrator, and not over the interface.

-- A key for a person who is there already; for a demonstration.
CREATE FUNCTION api.admin_key(user_id text, label text, roles int, secret_hash bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE u market.person;
BEGIN
  PERFORM api.migrator_only();
  SELECT * INTO u FROM market.person p WHERE p.id = admin_key.user_id;
  IF NOT FOUND OR (u.roles & admin_key.roles) <> admin_key.roles THEN
    PERFORM api.refuse('not-found', 'admin.key', 'user_id', '没有具备该角色的用户', 'no such user with these roles');
  END IF;
  RETURN (api.key_enter(u, label, roles, NULL, secret_hash, '{}', api.now())).id;
END $$;

-- The agencies of a demonstration: of the item that most of them may serve, one a controller group.
CREATE FUNCTION api.admin_demo_agencies(count int) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  WITH served AS (
    SELECT o.item_code, a.id, row_number() OVER (PARTITION BY o.item_code, api.ticket(a.id) ORDER BY a.id COLLATE "C") AS n
      FROM market.offer o JOIN market.agency a ON a.id = o.agency_id
      JOIN market.item i ON i.code = o.item_code AND i.active
     WHERE o.state = 'listed' AND a.state = 'active'
       AND api.ineligible(a.id, i.code, i.version, api.now()) IS NULL),
  best AS (
    SELECT s.item_code FROM served s WHERE s.n = 1
     GROUP BY s.item_code ORDER BY count(DISTINCT s.id) DESC, s.item_code COLLATE "C" LIMIT 1)
  SELECT DISTINCT s.id FROM served s JOIN best b USING (item_code) WHERE s.n = 1 ORDER BY s.id LIMIT admin_demo_agencies.count
$$;

-- One person for each role, and as many agencies as asked, all of the generated data set.
CREATE FUNCTION api.admin_demo_people(agencies int) RETURNS TABLE (name text, user_id text, roles int)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.migrator_only();
  RETURN QUERY
    SELECT r.name, (SELECT min(p.id COLLATE "C") FROM market.person p JOIN market.organisation o ON o.id = p.organisation_id
                     WHERE (p.roles & r.bit) <> 0 AND o.synthetic), r.bit
      FROM (VALUES ('owner', 1), ('operator', 4), ('regulator', 8), ('auditor', 16), ('witness', 32)) AS r(name, bit)
    UNION ALL
    SELECT 'agency' || CASE WHEN x.n > 1 THEN x.n::text ELSE '' END,
           (SELECT min(p.id COLLATE "C") FROM market.person p JOIN market.agency a ON a.organisation_id = p.organisation_id
             WHERE a.id = x.id AND (p.roles & 2) <> 0), 2
      FROM (SELECT d.id, row_number() OVER () AS n FROM api.admin_demo_agencies(agencies) AS d(id)) x;
END $$;
