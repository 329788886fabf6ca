-- A draw as it is answered, and its transcript, file by file, from the stored bytes.

CREATE FUNCTION api.line_count(list text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT length(list) - length(replace(list, E'\n', ''))
$$;

-- How many lines a list has, by the freeze record where there is one: the list may have 100,000.
CREATE FUNCTION api.frozen_count(d market.draw, list text) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN d."freeze" IS NULL THEN (SELECT api.line_count(CASE list WHEN 'candidates' THEN w.candidates ELSE w.excluded END)
      FROM market.draw w WHERE w.id = d.id AND w.attempt = d.attempt)
    ELSE substring(d."freeze" FROM E'\n' || list || ' ([0-9]+) ')::int END
$$;

CREATE FUNCTION api.contribution_list_json(d market.draw) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(json_agg(json_build_object('index', k.index, 'kind', k.kind, 'name', k.name,
      'public_key', encode(k.public_key, 'hex'), 'round', k.round, 'value', encode(k.value, 'hex'),
      'proof', encode(k.proof, 'hex'), 'at', api.utc(k.at)) ORDER BY k.index), '[]')
    FROM market.contribution k WHERE k.draw_id = d.id AND k.attempt = d.attempt);
END $$;

CREATE FUNCTION api.attempt_list_json(d market.draw) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_agg(json_build_object('attempt', w.attempt, 'state', w.state, 'freeze_hash', encode(w.freeze_hash, 'hex'),
      'level', api.draw_level(w), 'stalled_at', api.utc(w.stalled_at), 'stalled', w.stalled,
      'void_reason', substring(w.void FROM E'\nreason ([^\n]*)\n')) ORDER BY w.attempt)
    FROM market.draw w WHERE w.id = d.id);
END $$;

-- Who contributes, whether or not they have yet.  A beacon that is not drand's gives no L3.
CREATE FUNCTION api.draw_level(d market.draw) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN d.witnesses = '{}' THEN 'L1' WHEN d.beacon = 'drand' THEN 'L3' ELSE 'L2' END
$$;

-- awaited: whose value is owed.
CREATE FUNCTION api.draw_json(d market.draw) RETURNS text LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('id', d.id, 'project_id', d.project_id, 'round', d.round, 'purpose', d.purpose,
    'attempt', d.attempt, 'state', d.state, 'level', api.draw_level(d),
    'winners', api.draw_winners(d, p), 'method', api.draw_method(d, p),
    'range', CASE d.purpose WHEN 'coef' THEN (SELECT r.notice::json->'coefficient' FROM market.round r
      WHERE r.project_id = d.project_id AND r.round = d.round) END, 'value', api.result_value(d.id), 'witnesses', d.witnesses, 'beacon', d.beacon,
    'commitment', encode(d.commitment, 'hex'), 'close_at', api.utc_s(d.close_at),
    'awaited', CASE d.state WHEN 'open' THEN 'deadline' WHEN 'contributing' THEN (api.draw_awaited(d)).name
      WHEN 'requested' THEN 'owner' END,
    'stall_at', api.utc(d.stall_at), 'stalled_at', api.utc(d.stalled_at), 'stalled', d.stalled,
    'candidates', api.frozen_count(d, 'candidates'), 'excluded', api.frozen_count(d, 'excluded'),
    'freeze_hash', encode(d.freeze_hash, 'hex'), 'seed', encode(d.seed, 'hex'),
    'order', coalesce((SELECT to_json((string_to_array(substring(left(w.result, 100000) FROM E'\norder ([^\n]*)'), ' '))[1:1000])
       FROM market.draw w WHERE w.id = d.id AND w.attempt = d.attempt), '[]'),
    'void_id', (SELECT r.id FROM market.void_request r WHERE r.project_id = d.project_id AND r.round = d.round
      AND r.state IN ('asked', 'signing')),
    'contributions', api.contribution_list_json(d), 'attempts', api.attempt_list_json(d), 'version', d.version)::text
  FROM market.project p WHERE p.id = d.project_id);
END $$;

CREATE FUNCTION api.draw_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE d market.draw := api.draw_latest(id); v api.view;
BEGIN
  v.version := d.version; v.body := api.draw_json(d);
  RETURN v;
END $$;

-- contributions.txt: our own record of the values, in the order they count.
CREATE FUNCTION api.contributions_text(d market.draw) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT E'fairlot-draw/v1\ndraw ' || d.id || E'\nattempt ' || d.attempt || E'\nfreeze '
    || encode(d.freeze_hash, 'hex') || E'\n' || coalesce((
      SELECT string_agg('value ' || k.index || ' ' || k.kind || ' ' || encode(coalesce(k.proof, k.value), 'hex') || E'\n',
               '' ORDER BY k.index)
        FROM market.contribution k WHERE k.draw_id = d.id AND k.attempt = d.attempt AND k.value IS NOT NULL), '')
$$;

-- signups.bin: u16 length || entry, in the order of signups.txt; so many sign-ups after an agency.
CREATE FUNCTION api.signups_bytes(project text, round int, after text, most int) RETURNS TABLE (body bytea, last text)
LANGUAGE sql STABLE AS $$
  SELECT string_agg(substring(int4send(octet_length(e.entry)) FROM 3) || e.entry, ''::bytea ORDER BY e.agency_id COLLATE "C"),
         max(e.agency_id COLLATE "C")
    FROM (SELECT s.agency_id, o.entry FROM market.signup s JOIN market.outbox o ON o.leaf = s.leaf
           WHERE s.project_id = project AND s.round = signups_bytes.round
             AND s.agency_id > coalesce(after, '') COLLATE "C"
           ORDER BY s.agency_id COLLATE "C" LIMIT most) e
$$;

-- Every record of an attempt with its size in bytes.  Only what is at most 64 KiB comes whole; what
-- is longer never changes once it is there, and comes in parts.
CREATE FUNCTION api.draw_files(id text, attempt int) RETURNS TABLE (n int, name text, size bigint, body bytea)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_thin(draw_files.id, draw_files.attempt); bin bigint;
BEGIN
  SELECT sum(octet_length(o.entry) + 2) INTO bin FROM market.signup s JOIN market.outbox o ON o.leaf = s.leaf
   WHERE s.project_id = d.project_id AND s.round = d.round;
  RETURN QUERY
  SELECT f.n, f.name, f.size::bigint, CASE WHEN f.size <= 65536 THEN convert_to(f.record, 'UTF8') END
    FROM market.draw w CROSS JOIN LATERAL (VALUES
      (1, 'freeze.txt', w."freeze", octet_length(w."freeze")), (2, 'candidates.txt', w.candidates, octet_length(w.candidates)),
      (3, 'excluded.txt', w.excluded, octet_length(w.excluded)),
      (4, 'contributions.txt', api.contributions_text(d), octet_length(api.contributions_text(d))),
      (5, 'result.txt', w.result, octet_length(w.result)), (6, 'signups.txt', w.signups, octet_length(w.signups)),
      (8, 'notice.txt', w.notice, octet_length(w.notice)), (9, 'rules.txt', w.rules, octet_length(w.rules)),
      (10, 'void.txt', w.void, octet_length(w.void)),
      (11, 'void-signatures.txt', api.void_signatures_text(d), octet_length(api.void_signatures_text(d))))
      f (n, name, record, size)
   WHERE w.id = d.id AND w.attempt = d.attempt AND f.record IS NOT NULL
  UNION ALL
  SELECT 7, 'signups.bin', coalesce(bin, 0), CASE WHEN coalesce(bin, 0) <= 65536 THEN
      coalesce((SELECT b.body FROM api.signups_bytes(d.project_id, d.round, NULL, 65536) b), '') END
    FROM market.draw w WHERE w.id = d.id AND w.attempt = d.attempt AND w.signups IS NOT NULL
   ORDER BY 1;
END $$;

CREATE FUNCTION api.draw_thin(id text, attempt int) RETURNS market.draw LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw;
BEGIN
  SELECT * INTO STRICT d FROM market.draw w WHERE w.id = draw_thin.id AND w.attempt = draw_thin.attempt;
  d.candidates := NULL; d.excluded := NULL; d.signups := NULL; d.result := NULL;
  RETURN d;
END $$;

-- Every file of every attempt; nothing before the first freeze.
CREATE FUNCTION api.draw_transcript(id text) RETURNS TABLE (name text, body bytea, size bigint, attempt int, n int)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_latest(draw_transcript.id);
BEGIN
  RETURN QUERY
    SELECT 'attempt-' || w.attempt || '/' || f.name, f.body, f.size, w.attempt, f.n
      FROM market.draw w, api.draw_files(w.id, w.attempt) f WHERE w.id = d.id ORDER BY w.attempt, f.n;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', 'draw.frozen', '', '尚无抽取记录', 'the draw has no records yet');
  END IF;
  RETURN QUERY SELECT b.name, convert_to(b.body, 'UTF8'), octet_length(b.body)::bigint, 0, b.n
    FROM api.draw_beside(d.id) b ORDER BY b.n;
END $$;

-- One file of the latest attempt.
CREATE FUNCTION api.draw_file(id text, file text)
RETURNS TABLE (name text, body bytea, size bigint, attempt int, n int, type text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_latest(draw_file.id);
BEGIN
  RETURN QUERY
    SELECT f.name, f.body, f.size, d.attempt, f.n,
           CASE WHEN f.name LIKE '%.txt' THEN 'text/plain; charset=utf-8' ELSE 'application/octet-stream' END
      FROM api.draw_files(d.id, d.attempt) f WHERE f.name = draw_file.file
    UNION ALL
    SELECT b.name, convert_to(b.body, 'UTF8'), octet_length(b.body)::bigint, 0, b.n, 'text/plain; charset=utf-8'
      FROM api.draw_beside(d.id) b WHERE b.name = draw_file.file AND d."freeze" IS NOT NULL;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '抽取记录中无此文件', 'the transcript has no such file');
  END IF;
END $$;

-- The part of a long file behind `after`: a number of characters (all are ASCII), or of signups.bin
-- the last agency.  next: of the following part, null at the end.
CREATE FUNCTION api.draw_part(id text, attempt int, n int, after text) RETURNS TABLE (body bytea, next text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE part constant int := 262144; d market.draw := api.draw_thin(draw_part.id, draw_part.attempt); b record; piece text;
  start constant int := CASE WHEN n <> 7 THEN coalesce(after, '0')::int END;
BEGIN
  IF n = 7 THEN
    SELECT * INTO b FROM api.signups_bytes(d.project_id, d.round, after, 1000);
    RETURN QUERY SELECT coalesce(b.body, ''), b.last;
  ELSE
    SELECT substr(CASE n WHEN 2 THEN w.candidates WHEN 3 THEN w.excluded WHEN 5 THEN w.result WHEN 6 THEN w.signups END,
        start + 1, part) INTO STRICT piece
      FROM market.draw w WHERE w.id = d.id AND w.attempt = d.attempt;
    RETURN QUERY SELECT convert_to(piece, 'UTF8'), CASE WHEN length(piece) = part THEN (start + part)::text END;
  END IF;
END $$;
