#pragma once

#include <stdint.h>

/* Load over TLS on loopback: so many kept connections, on each one request at a time, from one
 * thread.  Bounded by a time; an answer that does not come fails the running test. */
struct load {
	const char *address;
	int connections;
	int64_t duration_ms;
	/* The next request of a connection; lives until the next call. */
	const char *(*ask)(void *arg, int connection);
	void *arg;

	/* what came out */
	int64_t answered, refused; /* with status 2xx; with another */
	double seconds;
	double p50_ms, p99_ms; /* of those answered */
};

void load_run(struct load *l);

/* The value below which `percent` of n values lie; sorts them. */
double percentile(uint32_t *values, int64_t n, int percent);
