-- The working days of a span.
SELECT day FROM api.load_days($1, $2);
