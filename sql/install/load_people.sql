-- A batch of users.
SELECT api.load_people($1);
