#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/call.h"
#include "cli/status.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct session;

/* The journal's verifier key that --log-key gives, itself or in a file (of several keys the one
 * that is named <origin>/journal); empty where it was not given.  False with *reterr. */
MUST_USE bool journal_key(struct session *s, struct text *ret_vkey, const char **reterr);

/* Copies what is new of a server's journal into a folder (cli/mirror.h).  given: the verifier key
 * that the log must have, or empty: then it must have the key it had at the first time.
 * STATUS_OK, or said why not on stderr. */
MUST_USE enum status journal_mirror(
	struct caller *c, const char *dir, struct text given, struct arena *a, uint64_t *ret_size);
