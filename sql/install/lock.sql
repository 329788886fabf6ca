-- A second daemon waits here, then finds nothing left to do.
SELECT s.api_sha256 FROM install.state s FOR UPDATE;
