-- Forms that several resources share: search text, roles as names, credit codes, pages.

-- What a search compares: compatibility forms folded (NFKC), lower case, single spaces.
CREATE FUNCTION api.normal(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT btrim(regexp_replace(lower(normalize(t, NFKC)), '\s+', ' ', 'g'))
$$;

-- Microseconds since 1970, the sort key of times in cursors.
CREATE FUNCTION api.us(t timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(epoch FROM t) * 1000000)::bigint
$$;

-- The roles of proto/op.h.
CREATE FUNCTION api.role_table() RETURNS TABLE (role text, flag int) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('owner', 1), ('agency', 2), ('operator', 4), ('regulator', 8), ('auditor', 16), ('witness', 32)
$$;
CREATE FUNCTION api.role_names(roles int) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(json_agg(r.role ORDER BY r.flag), '[]') FROM api.role_table() r WHERE (roles & r.flag) <> 0
$$;
CREATE FUNCTION api.role_bits(names jsonb) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE bits int; unknown int;
BEGIN
  SELECT coalesce(bit_or(r.flag), 0), min(n.ordinality) FILTER (WHERE r.role IS NULL) - 1
    INTO bits, unknown
    FROM jsonb_array_elements_text(names) WITH ORDINALITY n
    LEFT JOIN api.role_table() r ON r.role = n.value;
  IF unknown IS NOT NULL THEN
    PERFORM api.refuse('bad-input', 'people.role', '/roles/' || unknown, '没有这样的角色', 'there is no such role');
  END IF;
  IF bits = 0 THEN
    PERFORM api.refuse('bad-input', 'people.role', '/roles', '至少需要一个角色', 'at least one role is needed');
  END IF;
  RETURN bits;
END $$;

-- GB 32100-2015, as lib/ident/uscc.c: 'ok', 'form' (no such code), 'check' (last character wrong)
-- or 'organisation' (only the inner check of GB 11714 is wrong: a warning).
CREATE FUNCTION api.credit_code(code text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  alphabet constant text := '0123456789ABCDEFGHJKLMNPQRTUWXY';
  inner_alphabet constant text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  inner_weights constant int[] := '{3,7,9,10,5,8,4,2}';
  weight int := 1; total int := 0;
BEGIN
  IF code !~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' THEN
    RETURN 'form';
  END IF;
  FOR i IN 1..17 LOOP
    total := total + (strpos(alphabet, substr(code, i, 1)) - 1) * weight;
    weight := weight * 3 % 31;
  END LOOP;
  IF substr(alphabet, (31 - total % 31) % 31 + 1, 1) <> right(code, 1) THEN
    RETURN 'check';
  END IF;
  total := 0;
  FOR i IN 1..8 LOOP
    total := total + (strpos(inner_alphabet, substr(code, 8 + i, 1)) - 1) * inner_weights[i];
  END LOOP;
  RETURN CASE WHEN substr('0X987654321', total % 11 + 1, 1) = substr(code, 17, 1)
    THEN 'ok' ELSE 'organisation' END;
END $$;

-- The parts of a cursor by a pattern; null for none.  One that does not fit is refused.
CREATE FUNCTION api.cursor_parts(cursor text, pattern text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE parts text[];
BEGIN
  IF cursor IS NULL THEN
    RETURN NULL;
  END IF;
  parts := regexp_match(api.cursor_get(cursor), pattern);
  IF parts IS NULL THEN
    PERFORM api.refuse('bad-input', '', 'cursor', '分页游标无效', 'the cursor is not one of this list');
  END IF;
  RETURN parts;
END $$;

-- The answer of a list from its rows in order, one more than asked for when there are more.
-- keys: the sort key of each, from which the cursor of the following page is made.
CREATE FUNCTION api.page(keys text[], items json[], asked int) RETURNS api.view LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE v api.view; n int := coalesce(asked, 50);
BEGIN
  IF cardinality(items) > n THEN
    v.next := api.cursor_put(keys[n]);
  END IF;
  v.body := json_build_object('items', coalesce(array_to_json(items[:n]), '[]'), 'next_cursor', v.next)::text;
  RETURN v;
END $$;

-- A complete list in one page.
CREATE FUNCTION api.whole(items json) RETURNS api.view LANGUAGE sql IMMUTABLE AS $$
  SELECT ROW(NULL, json_build_object('items', coalesce(items, '[]'), 'next_cursor', NULL)::text, NULL)::api.view
$$;
