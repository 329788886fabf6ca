-- Kinds of agencies.
SELECT * FROM api.load_categories();
