-- So that counts over an index need not look at the rows, and plans know how many there are.
VACUUM (ANALYZE) market.organisation, market.person, market.agency, market.certificate,
  market.offer, market.project, market.round, market.signup, market.standing, market.draw,
  market.contribution, market.pick, market.auction, market.bid, market.orders, market.rating,
  market.payment, market.account, market.transfer, market.outbox,
  market.log_waiting;
