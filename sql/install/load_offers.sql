-- A batch of offers.
SELECT api.load_offers($1);
