-- What a draw said, among the 100,000 sign-ups that are about it too.
CREATE INDEX outbox_of_draw ON market.outbox (subject) WHERE kind IN ('freeze', 'contribution');
