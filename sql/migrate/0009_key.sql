-- Who stands behind a key: an act of two people takes two hands.

-- made_by: who made the key, and who made the key that it was made with, but for its own user;
-- empty when nobody else ever had it in hand, or it was made at the machine.
ALTER TABLE market.api_key ADD COLUMN made_by text[] COLLATE "C" NOT NULL DEFAULT '{}';

-- makers: the made_by of the keys that asked, of author and submitter; null: of none.
ALTER TABLE market.void_request ADD COLUMN makers text[] COLLATE "C";
ALTER TABLE market.disqualification ADD COLUMN makers text[] COLLATE "C";
ALTER TABLE market.project ADD COLUMN makers text[] COLLATE "C";
