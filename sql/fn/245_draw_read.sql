-- A draw as it is answered, and its transcript, file by file, from the stored bytes.

CREATE FUNCTION api.line_count(list text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT length(list) - length(replace(list, E'\n', ''))
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
    'winners', api.draw_winners(d, p), 'method', api.draw_method(d, p), 'witnesses', d.witnesses, 'beacon', d.beacon,
    'commitment', encode(d.commitment, 'hex'), 'close_at', api.utc_s(d.close_at),
    'awaited', CASE d.state WHEN 'open' THEN 'deadline' WHEN 'contributing' THEN (api.draw_awaited(d)).name
      WHEN 'requested' THEN 'owner' END,
    'stall_at', api.utc(d.stall_at), 'stalled_at', api.utc(d.stalled_at), 'stalled', d.stalled,
    'candidates', api.line_count(d.candidates), 'excluded', api.line_count(d.excluded),
    'freeze_hash', encode(d.freeze_hash, 'hex'), 'seed', encode(d.seed, 'hex'),
    'order', coalesce(to_json(string_to_array(substring(d.result FROM E'\norder ([^\n]*)\n'), ' ')), '[]'),
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

-- signups.bin: u16 length || entry, in the order of signups.txt.
CREATE FUNCTION api.signups_bytes(d market.draw) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT string_agg(substring(int4send(octet_length(o.entry)) FROM 3) || o.entry, ''::bytea ORDER BY s.agency_id COLLATE "C")
    FROM market.signup s
    JOIN market.outbox o ON o.leaf = s.leaf
   WHERE s.project_id = d.project_id AND s.round = d.round AND d.signups IS NOT NULL
$$;

CREATE FUNCTION api.draw_files(d market.draw) RETURNS TABLE (n int, name text, body bytea)
LANGUAGE sql STABLE AS $$
  SELECT f.n, f.name, coalesce(f.bytes, convert_to(f.record, 'UTF8')) FROM (VALUES
    (1, 'freeze.txt', d."freeze", NULL::bytea), (2, 'candidates.txt', d.candidates, NULL),
    (3, 'excluded.txt', d.excluded, NULL), (4, 'contributions.txt', api.contributions_text(d), NULL),
    (5, 'result.txt', d.result, NULL), (6, 'signups.txt', d.signups, NULL),
    (7, 'signups.bin', NULL, CASE WHEN d.signups IS NOT NULL THEN coalesce(api.signups_bytes(d), '') END),
    (8, 'notice.txt', d.notice, NULL), (9, 'rules.txt', d.rules, NULL), (10, 'void.txt', d.void, NULL),
    (11, 'void-signatures.txt', api.void_signatures_text(d), NULL))
    f (n, name, record, bytes)
  WHERE f.record IS NOT NULL OR f.bytes IS NOT NULL
$$;

-- Every file of every attempt; nothing before the first freeze.
CREATE FUNCTION api.draw_transcript(id text) RETURNS TABLE (name text, body bytea)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_latest(draw_transcript.id);
BEGIN
  RETURN QUERY
    SELECT 'attempt-' || w.attempt || '/' || f.name, f.body
      FROM market.draw w, api.draw_files(w) f WHERE w.id = d.id ORDER BY w.attempt, f.n;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', 'draw.frozen', '', '尚无抽取记录', 'the draw has no records yet');
  END IF;
END $$;

-- One file of the latest attempt.
CREATE FUNCTION api.draw_file(id text, file text) RETURNS TABLE (body bytea, type text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE d market.draw := api.draw_latest(draw_file.id);
BEGIN
  RETURN QUERY
    SELECT f.body, CASE WHEN f.name LIKE '%.txt' THEN 'text/plain; charset=utf-8' ELSE 'application/octet-stream' END
      FROM api.draw_files(d) f WHERE f.name = draw_file.file;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', '', '抽取记录中无此文件', 'the transcript has no such file');
  END IF;
END $$;
