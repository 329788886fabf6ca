-- What holds after every commit, whatever was cut, killed or repeated before.  Each row that this
-- query returns is a violation: its name and what it is about.  Run as a superuser.
WITH
balance AS (
  SELECT a.*, a.debits_posted - a.credits_posted AS fen FROM market.account a),
posted AS (
  SELECT s.id, sum(s.debit) AS debit, sum(s.credit) AS credit
    FROM (SELECT t.debit_id AS id, t.amount_fen AS debit, 0 AS credit FROM market.transfer t
          UNION ALL
          SELECT t.credit_id, 0, t.amount_fen FROM market.transfer t) s
   GROUP BY s.id),
-- What an order's accounts of one kind took in, less what was turned round.
basis AS (
  SELECT b.order_id, b.kind, sum(b.fen) AS fen
    FROM (SELECT a.order_id, a.kind, t.amount_fen AS fen FROM market.transfer t
            JOIN market.account a ON a.id = t.debit_id WHERE t.reverses IS NULL
          UNION ALL
          SELECT a.order_id, a.kind, -t.amount_fen FROM market.transfer t
            JOIN market.account a ON a.id = t.credit_id WHERE t.reverses IS NOT NULL) b
   GROUP BY b.order_id, b.kind),
entries AS (
  SELECT e.kind, e.subject, count(*) AS n FROM market.outbox e GROUP BY e.kind, e.subject),
expected AS (
  SELECT o.id, k.kind, CASE k.kind
      WHEN 'award_committed' THEN CASE o.state WHEN 'ended' THEN 0 ELSE o.award_fen END
      WHEN 'contract_committed' THEN CASE WHEN o.contract_at IS NULL THEN 0 ELSE o.contract_fen END
      WHEN 'fee_payable' THEN CASE WHEN o.accepted_at IS NULL THEN 0 ELSE o.contract_fen END
      WHEN 'fee_paid_declared' THEN o.declared_fen
      WHEN 'fee_paid_evidenced' THEN o.evidenced_fen END AS fen
    FROM market.orders o, (VALUES ('award_committed'), ('contract_committed'), ('fee_payable'),
      ('fee_paid_declared'), ('fee_paid_evidenced')) k (kind))
SELECT 'the trial balance is zero' AS violated, sum(b.fen)::text AS subject
  FROM balance b HAVING sum(b.fen) <> 0
UNION ALL
SELECT 'an account''s totals are the sums of its transfers', a.id::text
  FROM market.account a LEFT JOIN posted p ON p.id = a.id
 WHERE (a.debits_posted, a.credits_posted) <> (coalesce(p.debit, 0), coalesce(p.credit, 0))
UNION ALL
SELECT 'no balance stands on the wrong side', b.id::text FROM balance b
 WHERE CASE b.kind WHEN 'budget_contra' THEN b.fen > 0 ELSE b.fen < 0 END
UNION ALL
SELECT 'a budget is what its project committed', p.id
  FROM market.project p JOIN balance b ON b.order_id = p.id AND b.kind = 'budget_contra'
 GROUP BY p.id, p.budget_fen, p.state
HAVING -sum(b.fen) <> CASE WHEN p.state IN ('failed', 'voided', 'draft', 'review') THEN 0
  ELSE p.budget_fen END
UNION ALL
SELECT 'the ledger has what the order says', e.id || ' ' || e.kind
  FROM expected e LEFT JOIN basis b ON b.order_id = e.id AND b.kind = e.kind
 WHERE coalesce(b.fen, 0) <> e.fen
UNION ALL
SELECT 'a paid project''s orders are evidenced to the last fen', o.id
  FROM market.project p JOIN market.orders o ON o.project_id = p.id AND o.round = p.round
 WHERE p.state = 'paid' AND o.state <> 'ended'
   AND (o.contract_fen IS NULL OR o.contract_fen <> (
     SELECT coalesce(sum(b.fen), 0) FROM balance b
      WHERE b.order_id = o.id AND b.kind = 'fee_paid_evidenced'))
UNION ALL
SELECT 'a transfer stays in its fund, its owner and its order', t.id
  FROM market.transfer t
  JOIN market.account d ON d.id = t.debit_id
  JOIN market.account k ON k.id = t.credit_id
  JOIN market.project p ON p.id = t.project_id
 WHERE d.fund <> t.fund OR k.fund <> t.fund OR d.owner_id <> p.owner_id OR k.owner_id <> p.owner_id
    OR d.order_id NOT IN (t.order_id, t.project_id) OR k.order_id NOT IN (t.order_id, t.project_id)
UNION ALL
SELECT 'a reversal turns its transfer round', t.id
  FROM market.transfer t JOIN market.transfer r ON r.id = t.reverses
 WHERE (t.debit_id, t.credit_id, t.amount_fen) <> (r.credit_id, r.debit_id, r.amount_fen)
UNION ALL
SELECT 'an order has one award entry', o.id
  FROM market.orders o LEFT JOIN entries e ON e.kind = 'award' AND e.subject = o.id
 WHERE e.n IS DISTINCT FROM 1
UNION ALL
SELECT 'a contract has one entry', o.id
  FROM market.orders o LEFT JOIN entries e ON e.kind = 'contract' AND e.subject = o.id
 WHERE coalesce(e.n, 0) <> CASE WHEN o.contract_at IS NULL THEN 0 ELSE 1 END
UNION ALL
SELECT 'a rating has its entry', r.order_id
  FROM market.rating r LEFT JOIN entries e ON e.kind = 'rating' AND e.subject = r.order_id
 GROUP BY r.order_id, e.n HAVING count(*) <> coalesce(e.n, 0)
UNION ALL
SELECT 'a sign-up has its entry', s.id
  FROM market.signup s
 WHERE NOT EXISTS (SELECT FROM market.outbox e WHERE e.leaf = s.leaf AND e.kind = 'signup')
UNION ALL
SELECT 'a leaf is the hash of its entry', e.id::text
  FROM market.outbox e WHERE e.leaf <> sha256('\x00'::bytea || e.entry)
UNION ALL
SELECT 'an entry waits or has an index', o.id::text
  FROM market.outbox o
 WHERE EXISTS (SELECT FROM market.log_waiting w WHERE w.log = o.log AND w.outbox_id = o.id)
     = EXISTS (SELECT FROM market.log_entry e WHERE e.log = o.log AND e.outbox_id = o.id)
UNION ALL
SELECT 'indices have no gap', h.log
  FROM market.log_head h LEFT JOIN market.log_entry e ON e.log = h.log
 GROUP BY h.log, h.size HAVING h.size <> count(e.index) OR h.size <> coalesce(max(e.index) + 1, 0)
UNION ALL
SELECT 'a project follows its least advanced order', p.id
  FROM market.project p
  JOIN market.orders o ON o.project_id = p.id AND o.round = p.round AND o.state <> 'ended'
 WHERE p.state IN ('awarded', 'contract', 'in_service', 'delivered', 'accepted', 'paid')
 GROUP BY p.id, p.state
HAVING min(array_position(ARRAY['awarded', 'contract', 'in_service', 'delivered', 'accepted', 'paid'],
    o.state))
  <> array_position(ARRAY['awarded', 'contract', 'in_service', 'delivered', 'accepted', 'paid'], p.state)
UNION ALL
SELECT 'what waits for a time has its timer', w.kind || ' ' || w.subject
  FROM (SELECT CASE p.mode WHEN 'draw' THEN 'draw_freeze' ELSE 'project_deadline' END AS kind,
               CASE p.mode WHEN 'draw' THEN p.id || '.' || p.round ELSE p.id END AS subject
          FROM market.project p WHERE p.state = 'open'
        UNION ALL
        SELECT 'auction_end', a.id FROM market.auction a WHERE a.state = 'live'
        UNION ALL
        SELECT 'draw_stall', d.id FROM market.draw d
         WHERE d.state IN ('contributing', 'requested') AND coalesce(d.stalled_at < d.stall_at, true)
        UNION ALL
        SELECT 'pick_due', k.project_id FROM market.pick k JOIN market.project p ON p.id = k.project_id
         WHERE k.answer IS NULL AND p.state = 'selecting' AND p.round = k.round
        UNION ALL
        SELECT 'project_award', p.id FROM market.project p WHERE p.state = 'selected'
           AND NOT EXISTS (SELECT FROM market.objection o
             WHERE o.project_id = p.id AND o.round = p.round AND o.state = 'open')) w
 WHERE NOT EXISTS (SELECT FROM market.job j WHERE j.kind = w.kind AND j.subject = w.subject)
UNION ALL
SELECT 'a choice has its winners', p.id
  FROM market.project p
 WHERE p.state IN ('selected', 'awarded', 'contract', 'in_service', 'delivered', 'accepted', 'paid')
   AND (SELECT count(*) FROM market.standing s WHERE s.project_id = p.id AND s.round = p.round
          AND s.state = 'winner') NOT BETWEEN 1 AND p.winners
UNION ALL
SELECT 'bids are numbered without a gap and the best is the least', a.id
  FROM market.auction a
 WHERE (a.bids, coalesce(a.best_fen, 0)) <> (SELECT count(*), coalesce(min(b.amount_fen), 0)
   FROM market.bid b WHERE b.auction_id = a.id)
    OR a.bids <> (SELECT coalesce(max(b.seq), 0) FROM market.bid b WHERE b.auction_id = a.id)
UNION ALL
SELECT 'a bid has its entry', b.auction_id || ' ' || b.seq
  FROM market.bid b
 WHERE NOT EXISTS (SELECT FROM market.outbox e WHERE e.leaf = b.leaf AND e.kind = 'bid')
UNION ALL
SELECT 'a frozen attempt has one freeze entry, a drawn one its result, a void one its void', d.id
  FROM market.draw d
  LEFT JOIN entries f ON f.kind = 'freeze' AND f.subject = d.id
  LEFT JOIN entries r ON r.kind = 'result' AND r.subject = d.id
  LEFT JOIN entries v ON v.kind = 'void' AND v.subject = d.id
 GROUP BY d.id, f.n, r.n, v.n
HAVING coalesce(f.n, 0) <> count(d."freeze") OR coalesce(r.n, 0) <> count(d.result) OR coalesce(v.n, 0) <> count(d.void)
    OR bool_or(d.freeze_hash <> sha256(convert_to(d."freeze", 'UTF8')))
    OR bool_or(d.attempt > 1) AND count(*) <> max(d.attempt)
UNION ALL
SELECT 'an order with a coefficient is worth that part of its ceiling', s.project_id || ' ' || s.round || ' ' || s.place
  FROM market.standing s
  JOIN market.round r ON r.project_id = s.project_id AND r.round = s.round AND r.notice ~ '"coefficient":{'
  LEFT JOIN market.draw d ON d.id = s.project_id || '.' || s.round || '.coef' AND d.result IS NOT NULL
 WHERE s.amount_fen IS DISTINCT FROM CASE WHEN d.id IS NOT NULL THEN greatest(1,
   round((r.notice::jsonb ->> 'ceiling_fen')::numeric * substring(d.result FROM E'\nvalue ([0-9]+)\n')::numeric / 1000)) END
UNION ALL
SELECT 'a coefficient is drawn after an order and over its lists', d.id
  FROM market.draw d
  LEFT JOIN market.draw m ON m.id = d.project_id || '.' || d.round AND m.result IS NOT NULL
 WHERE d.purpose = 'coef' AND (m.id IS NULL OR d."freeze" IS NOT NULL
   AND (d.candidates, d.excluded, d.signups) IS DISTINCT FROM (m.candidates, m.excluded, m.signups))
UNION ALL
SELECT 'an order without standing waits for its coefficient', p.id
  FROM market.project p JOIN market.draw d ON d.id = p.id || '.' || p.round AND d.state = 'drawn'
 WHERE p.state = 'selecting' AND NOT EXISTS (SELECT FROM market.draw k
   WHERE k.id = d.id || '.coef' AND k.state IN ('requested', 'open', 'contributing'))
UNION ALL
SELECT 'a committed call has its answer', i.principal || ' ' || i.key
  FROM market.idempotency i WHERE i.status IS NULL
ORDER BY 1, 2;
