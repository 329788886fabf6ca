-- An accepted pick.
SELECT api.load_pick($1);
