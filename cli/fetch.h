#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/call.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct options;

/* What `fairlot verify` reads from an address that somebody gave it: of any server, so no key is
 * sent; HTTPS (HTTP to this host only), no redirects, limited in size and time. */

bool fetch_is_url(const char *text);

/* A server by the front of an address; *ret_path is the rest, from its slash on, without a
 * fragment.  The certificates are those of the client's settings for this server.  False with
 * *reterr; else caller_close() it.  *target must outlive it. */
MUST_USE bool fetch_open(struct caller *c, struct target *target, const struct options *o,
	const char *url, struct arena *a, const char **ret_path, const char **reterr);

/* The path of what a draw's address stands for: `…/v1/draws/<id>` is its transcript; any other is
 * itself. */
const char *fetch_path(const char *path, struct arena *a);

/* The whole body. */
MUST_USE bool fetch(const struct options *o, const char *url, size_t limit, struct arena *a,
	struct text *ret_body, const char **reterr);
