-- The journal's entries of a draw's records, and for each the checkpoint under which a transcript
-- proves it: docs/DRAW.md, "Proofs".  The daemon finds the paths with lib/ledger.

-- How a cosignature names its key.
CREATE FUNCTION api.cosigner_id(name text, key bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT substring(sha256(convert_to(name, 'UTF8') || '\x0a04'::bytea || key) FROM 1 FOR 4)
$$;

-- Checkpoints above `past` and up to `upto` (null: any) that witnesses of the attempt cosigned, by
-- their clocks before `before` (null: whenever), and how many did.  The 64 smallest.
CREATE FUNCTION api.draw_cosigned(d market.draw, past bigint, upto bigint, before timestamptz)
RETURNS TABLE (size bigint, count bigint) LANGUAGE sql STABLE AS $$
  SELECT s.size, count(*)
    FROM market.log_cosignature s
    JOIN market.contribution k ON k.draw_id = d.id AND k.attempt = d.attempt AND k.index > 2
     AND k.kind = 'vrf-p256' AND k.name = s.name
    JOIN market.witness w ON w.vrf_key = k.public_key
   WHERE s.log = 'journal' AND s.size > past AND (upto IS NULL OR s.size <= upto)
     AND (before IS NULL OR s.signed_at < before)
     AND substring(decode(split_part(s.line, ' ', 3), 'base64') FROM 1 FOR 4) = api.cosigner_id(w.name, w.cosign_key)
   GROUP BY s.size ORDER BY s.size LIMIT 64
$$;

-- The note of a checkpoint with its cosignatures, the attempt's witnesses' first; a note has at most
-- 100 lines.
CREATE FUNCTION api.draw_note(d market.draw, size bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT c.note || coalesce((SELECT string_agg(l.line, '' ORDER BY l.n)
      FROM (SELECT s.line, row_number() OVER (ORDER BY NOT EXISTS (SELECT FROM market.contribution k
                WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.index > 2 AND k.name = s.name), s.name) AS n
              FROM market.log_cosignature s WHERE s.log = c.log AND s.size = c.size) l WHERE l.n < 100), '')
    FROM market.log_checkpoint c WHERE c.log = 'journal' AND c.size = draw_note.size
$$;

CREATE FUNCTION api.entry_payload(entry bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_from(substring(entry FROM position('\x0a'::bytea IN entry) + 1), 'UTF8')
$$;

-- What a frozen attempt wrote into the journal and a checkpoint holds.  upto: by which size it was to
-- be public; before: until when a cosignature of it counts.
-- A freeze is no JSON, and of two conditions SQL may try either first: only CASE keeps the order.
CREATE FUNCTION api.draw_entries(d market.draw)
RETURNS TABLE (n int, name text, entry bytea, index bigint, upto bigint, before timestamptz)
LANGUAGE sql STABLE AS $$
  WITH said AS MATERIALIZED (
    SELECT o.kind, o.entry, e.index, api.entry_payload(o.entry) AS payload
      FROM market.outbox o JOIN market.log_entry e ON e.outbox_id = o.id
     WHERE o.subject = d.id AND o.kind IN ('freeze', 'contribution', 'result', 'void') AND e.log = 'journal'
       AND e.index < api.log_signed('journal')),
  value AS MATERIALIZED (
    SELECT (c.said ->> 'index')::int AS nth, c.entry, c.index
      FROM (SELECT CASE WHEN s.kind = 'contribution' THEN s.payload::jsonb END AS said, s.entry, s.index FROM said s) c
     WHERE (c.said ->> 'attempt')::int = d.attempt),
  beacon AS MATERIALIZED (
    SELECT k.index AS nth, api.beacon_time(k.kind, k.round) AS at FROM market.contribution k
     WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.round IS NOT NULL)
  SELECT 1, 'freeze', s.entry, s.index, (SELECT v.index FROM value v WHERE v.nth = 2), (SELECT b.at FROM beacon b)
    FROM said s WHERE s.kind = 'freeze' AND s.payload = d."freeze"
  UNION ALL
  SELECT 1 + v.nth, 'value-' || v.nth, v.entry, v.index, (SELECT w.index FROM value w WHERE w.nth = v.nth + 1),
         (SELECT b.at FROM beacon b WHERE v.nth < b.nth)
    FROM value v
  UNION ALL
  SELECT CASE s.kind WHEN 'result' THEN 100 ELSE 101 END, s.kind, s.entry, s.index, NULL, NULL FROM said s
   WHERE (s.kind = 'void' AND s.payload = d.void)
      OR CASE WHEN s.kind = 'result' THEN (s.payload::jsonb ->> 'attempt')::int = d.attempt END
$$;

-- The announcements of the keys that contribute to an attempt, and of those that its witnesses cosign
-- with.
CREATE FUNCTION api.draw_key_entries(d market.draw) RETURNS TABLE (n int, name text, entry bytea, index bigint)
LANGUAGE sql STABLE AS $$
  WITH key AS MATERIALIZED (
    SELECT 200 + k.index AS n, 'key-' || k.name AS file, k.name, 'vrf-p256' AS kind, k.public_key AS key
      FROM market.contribution k WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.kind = 'vrf-p256'
    UNION ALL
    SELECT 300 + k.index, 'cosign-' || k.name, k.name, 'ed25519-cosignature', w.cosign_key
      FROM market.contribution k JOIN market.witness w ON w.vrf_key = k.public_key
     WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.index > 2)
  SELECT DISTINCT ON (k.n) k.n, k.file, o.entry, e.index
    FROM key k JOIN market.outbox o ON o.subject = k.name AND o.kind = 'key-announced'
    JOIN market.log_entry e ON e.outbox_id = o.id
   WHERE e.log = 'journal' AND e.index < api.log_signed('journal')
     AND CASE WHEN o.kind = 'key-announced' THEN api.entry_payload(o.entry)::jsonb
           @> jsonb_build_object('kind', k.kind, 'public_key', encode(k.key, 'hex')) END
   ORDER BY k.n, e.index
$$;

-- The draws of a loaded set were written at once, not in turn: there is nothing to prove.
CREATE FUNCTION api.draw_is_synthetic(id text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM market.contribution k JOIN market.draw_key w ON w.public_key = k.public_key
    WHERE k.draw_id = draw_is_synthetic.id AND w.synthetic)
$$;

-- What is to be proved of every attempt, or of the latest the one file.  size: of the checkpoint.
CREATE FUNCTION api.draw_proofs(id text, file text)
RETURNS TABLE (name text, entry bytea, index bigint, size bigint, note text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_latest(draw_proofs.id); last int := d.attempt;
BEGIN
  IF api.draw_is_synthetic(d.id) THEN
    RETURN;
  END IF;
  FOR d IN SELECT (api.draw_thin(w.id, w.attempt)).* FROM market.draw w
      WHERE w.id = d.id AND w."freeze" IS NOT NULL AND (draw_proofs.file IS NULL OR w.attempt = last)
      ORDER BY w.attempt LOOP
    RETURN QUERY
      SELECT CASE WHEN draw_proofs.file IS NULL THEN 'attempt-' || d.attempt || '/' ELSE '' END || p.name || '.tlog-proof',
             p.entry, p.index, p.size, api.draw_note(d, p.size)
        FROM (SELECT e.n, e.name, e.entry, e.index, coalesce(
                (SELECT c.size FROM api.draw_cosigned(d, e.index, e.upto, e.before) c ORDER BY c.count DESC, c.size LIMIT 1),
                (SELECT min(c.size) FROM market.log_checkpoint c WHERE c.log = 'journal' AND c.size > e.index)) AS size
                FROM (SELECT x.n, x.name, x.entry, x.index, x.upto, x.before FROM api.draw_entries(d) x
                      UNION ALL SELECT x.n, x.name, x.entry, x.index, NULL, NULL FROM api.draw_key_entries(d) x) e
               WHERE draw_proofs.file IS NULL OR e.name || '.tlog-proof' = draw_proofs.file) p
       ORDER BY p.n;
  END LOOP;
END $$;

-- The tiles of many proofs at once, each as wide as the largest of the trees has it: a hash of a tile
-- is the same in every tree that has it.
CREATE FUNCTION api.journal_paths(log text, sizes bigint[], leaves bigint[])
RETURNS TABLE (level int, n bigint, hashes bytea) LANGUAGE sql STABLE AS $$
  SELECT p.level, p.n, api.log_hashes(journal_paths.log, p.level, p.n, p.width::int)
    FROM (SELECT l.level, x.n, max(least(256, l.count - x.n * 256)) AS width
            FROM (SELECT g.level, s.size >> (8 * g.level) AS count, s.leaf
                    FROM unnest(sizes, leaves) s (size, leaf), generate_series(0, 6) g (level)) l
            CROSS JOIN LATERAL (VALUES (l.leaf >> (8 * (l.level + 1))), ((l.count - 1) >> 8)) x (n)
           WHERE l.count > x.n * 256 GROUP BY l.level, x.n) p
   ORDER BY p.level, p.n
$$;

-- What stands beside the attempts' folders.
CREATE FUNCTION api.draw_beside(id text) RETURNS TABLE (n int, name text, body text) LANGUAGE sql STABLE AS $$
  SELECT 1, 'README.txt', api.transcript_readme()
  UNION ALL
  SELECT 2, 'log.vkey', s.value || E'\n' FROM market.setting s
   WHERE s.key = 'log_vkey' AND api.log_signed('journal') > 0 AND NOT api.draw_is_synthetic(draw_beside.id)
  UNION ALL
  SELECT 3, 'witnesses.vkeys', string_agg(v.line, '' ORDER BY v.line COLLATE "C")
    FROM (SELECT DISTINCT w.name || '+' || encode(api.cosigner_id(w.name, w.cosign_key), 'hex') || '+'
                 || encode('\x04'::bytea || w.cosign_key, 'base64') || E'\n' AS line
            FROM market.contribution k JOIN market.witness w ON w.vrf_key = k.public_key
           WHERE k.draw_id = draw_beside.id AND k.index > 2) v
  HAVING count(*) > 0
$$;

CREATE FUNCTION api.transcript_readme() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT $text$一次抽取的全部记录。The records of one draw, complete.

离线核验 Check them offline, with no server and no trust in the market:
  fairlot verify .                       两个独立的核验程序之一 one of two independent programs
  fairlot verify . --log-key '…'         并与自他处取得的日志公钥比对 and compare the journal's key with the one you have
  verify/index.html                      浏览器中的另一个核验程序 the other one, in a browser

attempt-<n>/        每次抽取的记录；最后一次有效 the records of each attempt; the last one counts
  freeze.txt        冻结记录：结果由它与各贡献决定 what the result follows from, with the contributions
  candidates.txt excluded.txt signups.txt signups.bin notice.txt rules.txt
  contributions.txt result.txt
  void.txt void-signatures.txt           作废理由与见证方签名 why an attempt does not count, and who signed that
  *.tlog-proof                           日志条目及其在已签署检查点中的证明
                                         entries of the journal, proved to be in a checkpoint it signed
log.vkey            日志公钥：请与其他来源比对 the journal's key: compare it with a second source
witnesses.vkeys     见证方联署公钥 the keys with which witnesses cosign

格式 Formats: docs/DRAW.md ("fairlot-draw/v1"), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
$text$
$$;
