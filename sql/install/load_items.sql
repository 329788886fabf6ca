-- Items in force with what they ask for.
SELECT * FROM api.load_items();
