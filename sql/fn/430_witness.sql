-- Witnesses: who contributes to draws and cosigns checkpoints from outside.  That a witness holds
-- its keys was found by the step (lib/draw/announce.h); both proofs enter the journal, so that
-- everyone can look again.

CREATE FUNCTION api.witness_draws_stalled(name text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM market.contribution k
    JOIN market.draw d ON d.id = k.draw_id AND d.attempt = k.attempt
   WHERE k.index > 2 AND k.name = witness_draws_stalled.name AND k.value IS NULL AND d.stalled_at IS NOT NULL
     AND NOT EXISTS (SELECT FROM market.contribution b
       WHERE b.draw_id = k.draw_id AND b.attempt = k.attempt AND b.index < k.index AND b.value IS NULL)
$$;

CREATE FUNCTION api.witness_json(w market.witness) RETURNS json LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT json_build_object('name', w.name, 'organisation_id', w.organisation_id, 'organisation_name', o.name,
    'state', CASE WHEN w.retired_at IS NULL THEN 'announced' ELSE 'retired' END,
    'vrf_key', encode(w.vrf_key, 'hex'), 'cosign_key', encode(w.cosign_key, 'hex'), 'url', w.url,
    'announced_at', api.utc(w.announced_at), 'retired_at', api.utc(w.retired_at), 'retire_reason', w.retire_reason,
    'cosigned_size', s.size, 'cosigned_at', api.utc(s.signed_at),
    'draws_contributed', (SELECT count(*) FROM market.contribution k
       WHERE k.index > 2 AND k.name = w.name AND k.public_key = w.vrf_key AND k.value IS NOT NULL),
    'draws_stalled', api.witness_draws_stalled(w.name), 'version', w.version)
    FROM market.organisation o
    LEFT JOIN LATERAL (SELECT l.size, l.signed_at FROM market.log_cosignature l
      WHERE l.log = 'journal' AND l.name = w.name ORDER BY l.size DESC LIMIT 1) s ON true
   WHERE o.id = w.organisation_id);
END $$;

-- What the journal says of a key; `held` is the proof of possession, over the announcement's text.
CREATE FUNCTION api.witness_entry(w market.witness, kind text, actor text, t timestamptz, more jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM api.entry(witness_entry.kind, w.name, actor, t, api.canon(jsonb_build_object(
    'kind', 'vrf-p256', 'name', w.name, 'organisation', w.organisation_id,
    'public_key', encode(w.vrf_key, 'hex')) || (more - 'signature')) || E'\n');
  PERFORM api.entry(witness_entry.kind, w.name, actor, t, api.canon(jsonb_build_object(
    'kind', 'ed25519-cosignature', 'name', w.name, 'organisation', w.organisation_id,
    'public_key', encode(w.cosign_key, 'hex')) || (more - 'proof')) || E'\n');
END $$;

-- Refuses a name that is another's, an organisation that has a live pair, a key that was ever seen.
CREATE FUNCTION api.witness_free(w market.witness) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF w.name IN ('operator', 'owner') THEN
    PERFORM api.refuse('rule', 'witness.name', '/name', '该名称为保留名称', 'this name is reserved');
  END IF;
  IF EXISTS (SELECT FROM market.witness o WHERE o.name = w.name AND o.organisation_id <> w.organisation_id) THEN
    PERFORM api.refuse('duplicate', 'witness.name', '/name', '该名称属于其他单位', 'this name is another organisation''s');
  END IF;
  IF EXISTS (SELECT FROM market.witness o WHERE o.organisation_id = w.organisation_id AND o.retired_at IS NULL) THEN
    PERFORM api.refuse('duplicate', 'witness.live', '', '本单位已有在用公钥，请先停用',
      'the organisation has keys in use; retire them first');
  END IF;
  IF EXISTS (SELECT FROM market.draw_key k WHERE k.public_key = w.vrf_key) THEN
    PERFORM api.refuse('duplicate', 'witness.key', '/vrf_key', '该公钥已公告过', 'this key was announced before');
  END IF;
  IF EXISTS (SELECT FROM market.witness o WHERE o.cosign_key = w.cosign_key) THEN
    PERFORM api.refuse('duplicate', 'witness.key', '/cosign_key', '该公钥已公告过', 'this key was announced before');
  END IF;
END $$;

-- The organisation's row is the lock: one announcement of it at a time.  Two organisations with one
-- name or key meet at the constraints.
CREATE FUNCTION api.witness_announce(caller text, need int, idem text, hash bytea, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; w market.witness; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  PERFORM FROM market.organisation o WHERE o.id = c.org_id FOR UPDATE;
  t := api.now();
  IF body ->> 'origin' <> api.market_setting('origin') THEN
    PERFORM api.refuse('rule', 'witness.origin', '/origin', '不是本市场的日志来源：' || api.market_setting('origin'),
      'this is not the origin of this market, ' || api.market_setting('origin'));
  END IF;
  w := ROW(decode(body ->> 'vrf_key', 'hex'), decode(body ->> 'cosign_key', 'hex'), body ->> 'name', c.org_id,
    body ->> 'url', 1, t, NULL, NULL);
  PERFORM api.witness_free(w);
  BEGIN
    INSERT INTO market.draw_key (public_key, name, witness_id, announced_at)
    VALUES (w.vrf_key, w.name, w.organisation_id, t);
    INSERT INTO market.witness SELECT (w).*;
  EXCEPTION WHEN unique_violation THEN
    PERFORM api.refuse('duplicate', 'witness.key', '', '名称或公钥刚被他人公告', 'the name or a key was announced by someone else');
  END;
  PERFORM api.witness_entry(w, 'key-announced', c.actor, t, jsonb_strip_nulls(jsonb_build_object(
    'origin', body ->> 'origin', 'url', w.url, 'proof', body ->> 'proof', 'signature', body ->> 'signature')));
  RETURN api.finish(c, 201, w.version, api.witness_json(w)::text);
END $$;

-- The newest pair of a name.
CREATE FUNCTION api.witness_of(id text) RETURNS market.witness LANGUAGE plpgsql STABLE AS $$
DECLARE w market.witness;
BEGIN
  SELECT * INTO w FROM market.witness o WHERE o.name = witness_of.id ORDER BY o.announced_at DESC LIMIT 1;
  IF NOT FOUND THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此见证方', 'there is no such witness');
  END IF;
  RETURN w;
END $$;

-- By the witness itself; or by the operator, when it cannot: the entry says who did it and why.
CREATE FUNCTION api.witness_retire(caller text, need int, idem text, hash bytea, id text, body jsonb)
RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx; w market.witness; t timestamptz;
BEGIN
  c := api.begin(caller, need, idem, hash);
  IF c.done THEN RETURN api.replay(c); END IF;
  w := api.witness_of(witness_retire.id);
  IF w.organisation_id <> c.org_id AND (c.roles & 4) = 0 THEN
    PERFORM api.refuse('not-found', '', 'id', '没有此见证方', 'there is no such witness');
  END IF;
  PERFORM FROM market.organisation o WHERE o.id = w.organisation_id FOR UPDATE;
  w := api.witness_of(witness_retire.id);
  t := api.now();
  IF w.retired_at IS NOT NULL THEN
    PERFORM api.refuse('wrong-state', 'witness.retired', '', '公钥已停用', 'the keys ended already');
  END IF;
  UPDATE market.draw_key k SET retired_at = t WHERE k.public_key = w.vrf_key;
  UPDATE market.witness o SET retired_at = t, retire_reason = body ->> 'reason', version = o.version + 1
   WHERE o.vrf_key = w.vrf_key RETURNING * INTO w;
  PERFORM api.witness_entry(w, 'key-retired', c.actor, t, jsonb_build_object('reason', w.retire_reason));
  RETURN api.finish(c, 200, w.version, api.witness_json(w)::text);
END $$;

CREATE FUNCTION api.witness_get(id text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE w market.witness := api.witness_of(id);
BEGIN
  RETURN ROW(w.version, api.witness_json(w)::text, NULL)::api.view;
END $$;

CREATE FUNCTION api.witness_list(asked int, cursor text) RETURNS api.view LANGUAGE plpgsql STABLE AS $$
DECLARE
  after text[] := api.cursor_parts(cursor, '^witness ([A-Za-z0-9._-]{1,64}) ([0-9]{1,18})$');
  keys text[]; items json[];
BEGIN
  SELECT array_agg('witness ' || w.name || ' ' || api.us(w.announced_at) ORDER BY w.name, w.announced_at DESC),
      array_agg(api.witness_json(w) ORDER BY w.name, w.announced_at DESC)
    INTO keys, items
    FROM (SELECT * FROM market.witness o
           WHERE after IS NULL OR o.name > after[1] COLLATE "C"
              OR (o.name = after[1] AND api.us(o.announced_at) < after[2]::bigint)
           ORDER BY o.name, o.announced_at DESC LIMIT coalesce(asked, 50) + 1) w;
  RETURN api.page(keys, items, asked);
END $$;

-- The checkpoint that a cosignature is about, and whose it must be.
CREATE TYPE api.cosign_view AS (name text, cosign_key text, note text);

CREATE FUNCTION api.journal_cosign_read(caller text, size bigint) RETURNS api.cosign_view
LANGUAGE plpgsql STABLE AS $$
DECLARE c api.ctx := api.reader(caller); v api.cosign_view;
BEGIN
  SELECT w.name, encode(w.cosign_key, 'hex') INTO v.name, v.cosign_key
    FROM market.witness w WHERE w.organisation_id = c.org_id AND w.retired_at IS NULL;
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'witness.live', '', '本单位没有在用的见证公钥', 'the organisation has no keys of a witness in use');
  END IF;
  SELECT k.note INTO v.note FROM market.log_checkpoint k WHERE k.log = 'journal' AND k.size = journal_cosign_read.size;
  IF NOT FOUND THEN
    PERFORM api.refuse('rule', 'witness.checkpoint', '/size', '没有这个大小的检查点', 'no checkpoint of this size was published');
  END IF;
  RETURN v;
END $$;

-- A cosignature that the step verified.  No Idempotency-Key: the first for a checkpoint stays, and
-- a repeat says when that was.
CREATE FUNCTION api.journal_cosign(caller text, need int, size bigint, name text, cosign_key bytea, line text,
  time_s bigint) RETURNS api.answer LANGUAGE plpgsql AS $$
DECLARE c api.ctx := api.begin(caller, need, NULL, NULL); t timestamptz := api.now(); at timestamptz;
BEGIN
  PERFORM FROM market.witness w WHERE w.organisation_id = c.org_id AND w.retired_at IS NULL
     AND w.name = journal_cosign.name AND w.cosign_key = journal_cosign.cosign_key FOR SHARE;
  IF NOT FOUND THEN
    PERFORM api.refuse('conflict', 'witness.live', '', '公钥刚被停用', 'the key ended meanwhile');
  END IF;
  INSERT INTO market.log_cosignature (log, size, name, line, signed_at, recorded_at)
  VALUES ('journal', journal_cosign.size, journal_cosign.name, journal_cosign.line, to_timestamp(time_s), t)
  ON CONFLICT ON CONSTRAINT log_cosignature_pk DO NOTHING;
  SELECT s.signed_at INTO at FROM market.log_cosignature s
   WHERE s.log = 'journal' AND s.size = journal_cosign.size AND s.name = journal_cosign.name;
  RETURN api.finish(c, 200, NULL, json_build_object('name', journal_cosign.name, 'size', journal_cosign.size,
    'cosigned_at', api.utc(at))::text);
END $$;

-- Foreign witnesses are the configuration's, not the market's: the daemon knows and checks their keys.
CREATE FUNCTION api.journal_cosign_due(name text) RETURNS TABLE (size bigint, note text, cosigned bigint)
LANGUAGE sql STABLE AS $$
  SELECT c.size, c.note, coalesce((SELECT max(s.size) FROM market.log_cosignature s
           WHERE s.log = c.log AND s.name = journal_cosign_due.name), 0)
    FROM market.log_checkpoint c WHERE c.log = 'journal' AND c.size = api.log_signed('journal')
$$;

CREATE FUNCTION api.journal_cosigned(size bigint, name text, line text, time_s bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO market.log_cosignature (log, size, name, line, signed_at, recorded_at)
  VALUES ('journal', journal_cosigned.size, journal_cosigned.name, journal_cosigned.line, to_timestamp(time_s), api.now())
  ON CONFLICT ON CONSTRAINT log_cosignature_pk DO NOTHING;
  RETURN FOUND;
END $$;
