-- An ended auction with its bids.
SELECT api.load_auction($1, $2);
