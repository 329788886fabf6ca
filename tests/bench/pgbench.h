#pragma once

#include <stdint.h>

/* pgbench with one script through prepared statements: what the database alone does. */
struct pgbench {
	const char *conninfo, *script;
	int clients;
	int64_t duration_s;

	double rate;	       /* transactions a second */
	double p50_ms, p99_ms; /* of their latencies */
};

void pgbench_run(struct pgbench *b);
