-- False: the market is not empty.
SELECT api.load_begin($1, $2, $3);
