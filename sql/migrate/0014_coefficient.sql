-- A price that a draw decides: so many per mille of the ceiling, between coefficient_lo and _hi.
ALTER TABLE market.project
  ADD COLUMN coefficient_lo int,
  ADD COLUMN coefficient_hi int,
  ADD CONSTRAINT project_coefficient CHECK ((coefficient_lo IS NULL) = (coefficient_hi IS NULL)),
  ADD CONSTRAINT project_coefficient_range CHECK (coefficient_lo >= 1 AND coefficient_lo <= coefficient_hi
    AND coefficient_hi <= 1000),
  ADD CONSTRAINT project_coefficient_price CHECK (coefficient_lo IS NULL OR mode = 'draw' AND price_basis = 'ceiling');

ALTER TABLE market.draw
  DROP CONSTRAINT draw_purpose,
  ADD CONSTRAINT draw_purpose CHECK (purpose IN ('main', 'tie', 'coef'));
