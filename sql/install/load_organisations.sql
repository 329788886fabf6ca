-- A batch of organisations.
SELECT api.load_organisations($1);
