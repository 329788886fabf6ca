#pragma once

#include <stddef.h>

#include "proto/http.h"

struct arena;

/* One whole message through the parser, as a server would: head, kept copy, body.  The bytes are
 * given in pieces of `step`, each time at another address, so that stale views show. */
struct http_outcome {
	enum http_result result; /* HTTP_MORE: the message is not whole */
	struct http h;
	struct text body;
	size_t used; /* bytes of the message */
};

struct http_outcome
http_read(const char *at, size_t len, size_t step, size_t body_max, struct arena *a);
