-- A draw with its exact texts.
SELECT api.load_draw($1, $2, $3, $4, $5, $6);
