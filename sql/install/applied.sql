SELECT m.name, m.sha256 FROM install.migration m ORDER BY m.name;
