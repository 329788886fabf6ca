-- A project with its sign-ups; answers what a freeze needs.
SELECT * FROM api.load_project($1, $2);
