-- How far a witness came: also of one that has cosigned nothing for long.
CREATE INDEX log_cosignature_of_name ON market.log_cosignature (log, name, size);
