INSERT INTO install.migration (name, sha256) VALUES ($1, $2);
