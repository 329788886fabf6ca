SELECT s.api_sha256 FROM install.state s;
