-- What everyone reads of the journal.  Nothing is shown that no checkpoint holds yet: after a restore
-- of the database it might come again at another place.

CREATE FUNCTION api.log_signed(log text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT h.signed FROM market.log_head h WHERE h.log = log_signed.log
$$;

-- The newest checkpoint with what witnesses said of it.
CREATE FUNCTION api.journal_checkpoint() RETURNS TABLE (body text) LANGUAGE sql STABLE AS $$
  SELECT c.note || coalesce((SELECT string_agg(s.line, '' ORDER BY s.name) FROM market.log_cosignature s
           WHERE s.log = c.log AND s.size = c.size), '')
    FROM market.log_checkpoint c WHERE c.log = 'journal' AND c.size = api.log_signed('journal')
$$;

-- Keys that sign for the market, as verifiers are configured with them, one a line.
CREATE FUNCTION api.journal_keys() RETURNS TABLE (body text) LANGUAGE sql STABLE AS $$
  SELECT string_agg(s.value || E'\n', '' ORDER BY s.key) FROM market.setting s
   WHERE s.key IN ('log_vkey', 'receipt_vkey') HAVING count(*) > 0
$$;

CREATE FUNCTION api.journal_tile(level int, n bigint, width int) RETURNS TABLE (body bytea)
LANGUAGE sql STABLE AS $$
  SELECT api.log_hashes('journal', level, n, width)
   WHERE (n * 256 + width)::numeric <= api.log_signed('journal') >> (8 * level)
$$;

-- Entries n * 256 … as a bundle: u16 length || entry.
CREATE FUNCTION api.journal_bundle(n bigint, width int) RETURNS TABLE (body bytea)
LANGUAGE sql STABLE AS $$
  SELECT string_agg(substring(int4send(length(o.entry)) FROM 3) || o.entry, '' ORDER BY e.index)
    FROM market.log_entry e JOIN market.outbox o ON o.id = e.outbox_id
   WHERE e.log = 'journal' AND e.index >= n * 256 AND e.index < n * 256 + width
     AND n * 256 + width <= api.log_signed('journal')
$$;

CREATE FUNCTION api.entry_json(index bigint, o market.outbox) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('index', index, 'kind', o.kind, 'subject', o.subject,
    'leaf', encode(o.leaf, 'hex'), 'entry', convert_from(o.entry, 'UTF8'))
$$;

-- In order of index; of one subject, or all.  The cursor is the last index.
CREATE FUNCTION api.journal_entries(subject text, after bigint, cursor text, "limit" int) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE v api.view; past bigint := coalesce(api.cursor_get(cursor)::bigint, after, -1);
  size bigint := api.log_signed('journal'); most int := coalesce("limit", 50); lines json[]; places bigint[];
BEGIN
  IF subject IS NULL THEN
    SELECT array_agg(api.entry_json(x.index, x.o) ORDER BY x.index), array_agg(x.index ORDER BY x.index)
      INTO lines, places
      FROM (SELECT e.index, o FROM market.log_entry e JOIN market.outbox o ON o.id = e.outbox_id
             WHERE e.log = 'journal' AND e.index > past AND e.index < size
             ORDER BY e.index LIMIT most + 1) x;
  ELSE
    SELECT array_agg(api.entry_json(x.index, x.o) ORDER BY x.index), array_agg(x.index ORDER BY x.index)
      INTO lines, places
      FROM (SELECT e.index, o FROM market.outbox o JOIN market.log_entry e ON e.outbox_id = o.id
             WHERE o.subject = journal_entries.subject AND e.log = 'journal' AND e.index > past AND e.index < size
             ORDER BY e.index LIMIT most + 1) x;
  END IF;
  v.next := CASE WHEN cardinality(places) > most THEN api.cursor_put(places[most]::text) END;
  v.body := json_build_object('items', coalesce(to_json(lines[1:most]), '[]'), 'size', size, 'next_cursor', v.next)::text;
  RETURN v;
END $$;

-- Every checkpoint above a size, oldest first: who looks later sees in which order things were public.
CREATE FUNCTION api.journal_checkpoints(after bigint, cursor text, "limit" int) RETURNS api.view
LANGUAGE plpgsql STABLE AS $$
DECLARE v api.view; past bigint := coalesce(api.cursor_get(cursor)::bigint, after, -1);
  most int := coalesce("limit", 50); lines json[]; sizes bigint[];
BEGIN
  SELECT array_agg(json_build_object('size', x.size, 'root', encode(x.root, 'hex'), 'note', x.note,
           'at', api.utc(x.at)) ORDER BY x.size), array_agg(x.size ORDER BY x.size)
    INTO lines, sizes
    FROM (SELECT c.* FROM market.log_checkpoint c WHERE c.log = 'journal' AND c.size > past
           ORDER BY c.size LIMIT most + 1) x;
  v.next := CASE WHEN cardinality(sizes) > most THEN api.cursor_put(sizes[most]::text) END;
  v.body := json_build_object('items', coalesce(to_json(lines[1:most]), '[]'), 'next_cursor', v.next)::text;
  RETURN v;
END $$;

-- What a receipt is made of: the entry with this leaf; index null while no checkpoint holds it.
CREATE FUNCTION api.receipt_get(leaf text)
RETURNS TABLE (kind text, subject text, at text, index bigint, size bigint, note text) LANGUAGE sql STABLE AS $$
  SELECT o.kind, o.subject, split_part(convert_from(substring(o.entry FROM 1
           FOR position('\x0a'::bytea IN o.entry) - 1), 'UTF8'), ' ', 5),
         e.index, h.signed, (SELECT body FROM api.journal_checkpoint())
    FROM market.outbox o
    JOIN market.log_head h ON h.log = o.log
    LEFT JOIN market.log_entry e ON e.outbox_id = o.id AND e.index < h.signed
   WHERE o.leaf = decode(CASE WHEN receipt_get.leaf ~ '^[0-9a-f]{64}$' THEN receipt_get.leaf END, 'hex')
     AND o.log = 'journal'
   ORDER BY e.index NULLS LAST, o.id LIMIT 1
$$;
