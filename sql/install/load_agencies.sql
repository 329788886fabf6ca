-- A batch of agencies with their certificates.
SELECT api.load_agencies($1);
