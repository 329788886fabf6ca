-- The journal's sequencing: who may do it, what waits, and one write a batch.  Tiles and roots are
-- computed by the daemon with lib/ledger; the write carries the size that was read and is refused
-- when another came first.

-- Takes or prolongs the lease.  No row: another holds it.  Not ours: the log has another key than
-- this daemon's, which gets no lease, so that one with the right key can lead.
CREATE FUNCTION api.journal_lead(log text, holder text, lease interval, vkey text)
RETURNS TABLE (size bigint, root bytea, signed bigint, checkpointed boolean, ours boolean)
LANGUAGE plpgsql AS $$
BEGIN
  IF api.market_setting('log_vkey') <> vkey THEN
    RETURN QUERY SELECT h.size, h.root, h.signed, true, false FROM market.log_head h WHERE h.log = journal_lead.log;
  ELSE
    RETURN QUERY UPDATE market.log_head h SET holder = journal_lead.holder, lease_until = api.now() + lease
     WHERE h.log = journal_lead.log AND (h.holder = journal_lead.holder OR h.lease_until < api.now())
    RETURNING h.size, h.root, h.signed,
      EXISTS (SELECT FROM market.log_checkpoint c WHERE c.log = journal_lead.log), true;
  END IF;
END $$;

-- Whoever ends well lets another go on at once.
CREATE FUNCTION api.journal_leave(log text, holder text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE market.log_head h SET lease_until = '-infinity'
   WHERE h.log = journal_leave.log AND h.holder = journal_leave.holder;
  RETURN FOUND;
END $$;

-- The oldest entries without an index, side by side: ids as an array's text, leaves 32 bytes each.
CREATE FUNCTION api.journal_waiting(log text, "limit" int)
RETURNS TABLE (count bigint, ids text, leaves bytea) LANGUAGE sql STABLE AS $$
  SELECT count(*), '{' || string_agg(w.id::text, ',' ORDER BY w.id) || '}', string_agg(w.leaf, '' ORDER BY w.id)
    FROM (SELECT o.id, o.leaf FROM market.log_waiting p JOIN market.outbox o ON o.id = p.outbox_id
           WHERE p.log = journal_waiting.log ORDER BY p.outbox_id LIMIT "limit") w
$$;

-- Gives a batch its indices size, size + 1 …, with the tiles that it fills (levels and places side by
-- side, 8192 and 32 bytes each) and the new root.  False, and nothing is written: the lease or the
-- size is not the caller's any more.
CREATE FUNCTION api.journal_append(log text, holder text, lease interval, size bigint, ids bigint[],
  levels int[], places bigint[], tiles bytea, roots bytea, root bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE taken bigint;
BEGIN
  UPDATE market.log_head h SET size = journal_append.size + cardinality(ids), root = journal_append.root,
      lease_until = api.now() + lease
   WHERE h.log = journal_append.log AND h.size = journal_append.size AND h.holder = journal_append.holder;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM market.log_waiting w WHERE w.log = journal_append.log AND w.outbox_id = ANY (ids);
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken <> cardinality(ids) THEN
    RAISE EXCEPTION 'of % entries % were waiting', cardinality(ids), taken;
  END IF;
  INSERT INTO market.log_entry (log, index, outbox_id)
  SELECT journal_append.log, journal_append.size + i.n - 1, i.id FROM unnest(ids) WITH ORDINALITY i (id, n);
  INSERT INTO market.log_tile (log, level, n, hashes, root)
  SELECT journal_append.log, t.level, t.place, substring(tiles FROM (t.n::int - 1) * 8192 + 1 FOR 8192),
         substring(roots FROM (t.n::int - 1) * 32 + 1 FOR 32)
    FROM ROWS FROM (unnest(levels), unnest(places)) WITH ORDINALITY t (level, place, n);
  RETURN true;
END $$;

-- A tile's first `width` hashes; null when the log has no such tile.
CREATE FUNCTION api.log_hashes(log text, level int, n bigint, width int) RETURNS bytea
LANGUAGE plpgsql STABLE AS $$
DECLARE side bytea;
BEGIN
  SELECT substring(t.hashes FROM 1 FOR width * 32) INTO side FROM market.log_tile t
   WHERE t.log = log_hashes.log AND t.level = log_hashes.level AND t.n = log_hashes.n;
  IF NOT FOUND AND width < 256 THEN
    IF level = 0 THEN
      SELECT string_agg(o.leaf, '' ORDER BY e.index) INTO side
        FROM market.log_entry e JOIN market.outbox o ON o.id = e.outbox_id
       WHERE e.log = log_hashes.log AND e.index >= log_hashes.n * 256 AND e.index < log_hashes.n * 256 + width;
    ELSE
      SELECT string_agg(t.root, '' ORDER BY t.n) INTO side FROM market.log_tile t
       WHERE t.log = log_hashes.log AND t.level = log_hashes.level - 1
         AND t.n >= log_hashes.n * 256 AND t.n < log_hashes.n * 256 + width;
    END IF;
  END IF;
  RETURN CASE WHEN length(side) = width * 32 THEN side END;
END $$;

-- The tiles that a proof about one leaf of a tree needs: those above the leaf, and those of the
-- right edge.  Also what a new sequencer knows of the tree: leaf null gives the edge alone.
CREATE FUNCTION api.journal_path(log text, size bigint, leaf bigint)
RETURNS TABLE (level int, n bigint, hashes bytea) LANGUAGE sql STABLE AS $$
  SELECT p.level, p.n, api.log_hashes(journal_path.log, p.level, p.n, least(256, p.count - p.n * 256)::int)
    FROM (SELECT DISTINCT l.level, l.count, x.n
            FROM (SELECT g.level, journal_path.size >> (8 * g.level) AS count FROM generate_series(0, 6) g (level)) l
            CROSS JOIN LATERAL (VALUES (leaf >> (8 * (l.level + 1))), ((l.count - 1) >> 8)) x (n)
           WHERE x.n IS NOT NULL AND l.count > x.n * 256) p
   ORDER BY p.level, p.n
$$;

-- A signed checkpoint becomes public.  Repeating it changes nothing; another root for the same size is
-- refused by the row that is there.
CREATE FUNCTION api.journal_signed(log text, size bigint, root bytea, note text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO market.log_checkpoint (log, size, root, note, at)
  VALUES (journal_signed.log, journal_signed.size, journal_signed.root, journal_signed.note, api.now())
  ON CONFLICT ON CONSTRAINT log_checkpoint_pk DO NOTHING;
  UPDATE market.log_head h SET signed = greatest(h.signed, journal_signed.size) WHERE h.log = journal_signed.log;
  RETURN EXISTS (SELECT FROM market.log_checkpoint c WHERE c.log = journal_signed.log
    AND c.size = journal_signed.size AND c.root = journal_signed.root AND c.note = journal_signed.note);
END $$;

CREATE FUNCTION api.age_s(t timestamptz) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT round(greatest(extract(epoch FROM api.now() - t), 0), 3)
$$;

-- What an operator watches: entries without a checkpoint, counted up to 10,000, and how long the
-- oldest of them waits; whether anyone sequences; how far each witness in use came (those announced,
-- and the foreign ones of the configuration, by their names with single spaces), one a row.  It is asked
-- all the time: each step is a look at an index.
CREATE FUNCTION api.journal_watch(log text, others text)
RETURNS TABLE (size bigint, signed bigint, waiting bigint, unsigned_s numeric, checkpoint_s numeric,
  led boolean, name text, cosigned bigint, cosigned_s numeric) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE h market.log_head; count bigint; oldest timestamptz; oldest_placed timestamptz; newest timestamptz;
BEGIN
  SELECT * INTO STRICT h FROM market.log_head l WHERE l.log = journal_watch.log;
  SELECT count(*) INTO count FROM (SELECT FROM market.log_waiting w WHERE w.log = h.log LIMIT 10000) x;
  SELECT o.recorded_at INTO oldest FROM market.outbox o WHERE o.id =
    (SELECT w.outbox_id FROM market.log_waiting w WHERE w.log = h.log ORDER BY w.outbox_id LIMIT 1);
  SELECT o.recorded_at INTO oldest_placed FROM market.outbox o WHERE o.id =
    (SELECT e.outbox_id FROM market.log_entry e WHERE e.log = h.log AND e.index = h.signed);
  SELECT c.at INTO newest FROM market.log_checkpoint c WHERE c.log = h.log AND c.size = h.signed;
  RETURN QUERY
  SELECT h.size, h.signed, count, coalesce(api.age_s(least(oldest, oldest_placed)), 0), api.age_s(newest),
         h.lease_until > api.now(), n.name, coalesce(s.size, 0), api.age_s(s.recorded_at)
    FROM (VALUES (1)) one
    LEFT JOIN (SELECT w.name FROM market.witness w WHERE w.retired_at IS NULL
               UNION SELECT o FROM string_to_table(others, ' ') o WHERE o <> '') n ON true
    LEFT JOIN LATERAL (SELECT c.size, c.recorded_at FROM market.log_cosignature c
      WHERE c.log = h.log AND c.name = n.name ORDER BY c.size DESC LIMIT 1) s ON true
   ORDER BY n.name;
END $$;
