-- in:    caller text, need int, idem text, hash bytea, id text, body jsonb
-- out:   status int, version bigint, replayed boolean, body text, leaf bytea, kind text, subject text, at text
-- kind:  writes      lane: short
-- why:   the bid rule under the auction's lock; the receipt states the bid's leaf
SELECT * FROM api.auction_bid($1, $2, $3, $4, $5, $6);
