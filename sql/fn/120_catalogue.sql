-- The catalogue as anyone may read it.

CREATE FUNCTION api.category_list() RETURNS api.view LANGUAGE sql STABLE AS $$
  SELECT api.whole(json_agg(json_build_object('code', c.code, 'name_zh', c.name_zh, 'name_en', c.name_en,
      'items', (SELECT count(*) FROM market.item i WHERE i.category_code = c.code AND i.newest AND i.active),
      'agencies', (SELECT count(*) FROM market.agency a WHERE a.state = 'active' AND c.code = ANY (a.categories)))
    ORDER BY c.code)) FROM market.category c
$$;

CREATE FUNCTION api.qualification_list() RETURNS api.view LANGUAGE sql STABLE AS $$
  SELECT api.whole(json_agg(json_build_object('code', q.code, 'name_zh', q.name_zh, 'name_en', q.name_en,
    'grades', q.grades) ORDER BY q.code)) FROM market.qualification q
$$;

CREATE FUNCTION api.region_list() RETURNS api.view LANGUAGE sql STABLE AS $$
  SELECT api.whole(json_agg(json_build_object('code', r.code, 'name_zh', r.name_zh, 'name_en', r.name_en)
    ORDER BY r.code)) FROM market.region r
$$;

-- A year that is not loaded is refused: an empty list would say that it has no holidays.
CREATE FUNCTION api.calendar_list(year int) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE first date := make_date(year, 1, 1); last date := make_date(year, 12, 31);
BEGIN
  IF NOT EXISTS (SELECT FROM market.calendar_range r WHERE r.first_day <= first AND r.last_day >= last) THEN
    PERFORM api.refuse('calendar-not-loaded', 'policy.calendar', 'year', '日历数据未覆盖 ' || year || ' 年',
      'the calendar does not cover ' || year);
  END IF;
  RETURN (SELECT api.whole(json_agg(json_build_object('date', d.day, 'kind', d.kind, 'name_zh', d.name_zh)
    ORDER BY d.day)) FROM market.calendar_day d WHERE d.day BETWEEN first AND last);
END $$;

CREATE FUNCTION api.requirement_json(rule jsonb) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT CASE WHEN rule IS NOT NULL THEN json_build_object(
    'match', CASE WHEN rule ? 'any' THEN 'any' ELSE 'all' END,
    'qualifications', (
      SELECT json_agg(json_build_object('code', q.code, 'name_zh', q.name_zh, 'name_en', q.name_en,
          'grade', e.value ->> 'grade') ORDER BY e.ordinality)
        FROM jsonb_array_elements(coalesce(rule -> 'any', rule -> 'all')) WITH ORDINALITY e
        JOIN market.qualification q ON q.code = e.value ->> 'qualification')) END);
END $$;

CREATE FUNCTION api.item_json(i market.item) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('code', i.code, 'version', i.version, 'active', i.active AND i.newest,
    'category_code', c.code, 'category_name_zh', c.name_zh, 'category_name_en', c.name_en,
    'name_zh', i.name_zh, 'name_en', i.name_en, 'legal_basis', i.legal_basis,
    'approval_item', i.approval_item, 'approval_department', i.approval_department,
    'service_mode', i.service_mode, 'working_days', i.working_days,
    'requirement', api.requirement_json(i.rule))
    FROM market.category c WHERE c.code = i.category_code);
END $$;

CREATE FUNCTION api.item_list(search text, category text, mode text, qualification text,
  asked int, cursor text) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE
  after text := (api.cursor_parts(cursor, '^item ([A-Za-z0-9._-]{1,64})$'))[1];
  words text := api.normal(search);
  keys text[]; items json[];
BEGIN
  SELECT array_agg('item ' || i.code ORDER BY i.code), array_agg(api.item_json(i) ORDER BY i.code)
    INTO keys, items
    FROM (SELECT * FROM market.item j
           WHERE j.newest AND j.active
             AND (after IS NULL OR j.code > after)
             AND (category IS NULL OR j.category_code = category)
             AND (mode IS NULL OR j.service_mode = mode)
             AND (words IS NULL OR strpos(j.search, words) > 0)
             AND (item_list.qualification IS NULL
               OR coalesce(j.rule -> 'any', j.rule -> 'all')
                  @> jsonb_build_array(jsonb_build_object('qualification', item_list.qualification)))
           ORDER BY j.code LIMIT coalesce(asked, 50) + 1) i;
  RETURN api.page(keys, items, asked);
END $$;

-- id: a code, for its newest version; or <code>.<version>, for any that ever was.
CREATE FUNCTION api.item_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE part text[] := regexp_match(id, '^([^.]+)(?:\.([1-9][0-9]{0,5}))?$'); i market.item;
BEGIN
  SELECT * INTO i FROM market.item j
   WHERE j.code = part[1] AND CASE WHEN part[2] IS NULL THEN j.newest ELSE j.version = part[2]::int END;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此服务事项', 'there is no such service item');
  END IF;
  RETURN ROW(i.version, api.item_json(i)::text, NULL)::api.view;
END $$;

-- The item a new project or offer names: the newest version, in force.
CREATE FUNCTION api.item_in_force(code text, pointer text) RETURNS market.item LANGUAGE plpgsql STABLE AS $$
DECLARE i market.item;
BEGIN
  SELECT * INTO i FROM market.item j WHERE j.code = item_in_force.code AND j.newest AND j.active;
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'catalogue.item', pointer, '没有现行的服务事项 ' || code,
      'no service item ' || code || ' is in force');
  END IF;
  RETURN i;
END $$;

-- Refuses a code that is not in the catalogue.
CREATE FUNCTION api.region_known(code text, pointer text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF code IS NOT NULL AND NOT EXISTS (SELECT FROM market.region r WHERE r.code = region_known.code) THEN
    PERFORM api.refuse('rule', 'catalogue.region', pointer, '没有此行政区划代码', 'there is no such region');
  END IF;
END $$;
