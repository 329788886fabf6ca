UPDATE install.state SET api_sha256 = $1;
