-- What a draw's transcript proves of the journal, among the 100,000 sign-ups that are about it too.
CREATE INDEX outbox_of_draw_records ON market.outbox (subject)
  WHERE kind IN ('freeze', 'contribution', 'result', 'void');
DROP INDEX market.outbox_of_draw;
