#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/mirror.h"
#include "cli/mirror_pull.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;
struct store;

/* The journal as a witness follows it: entry by entry, in the mirror of its folder, which is one as
 * `fairlot journal mirror` makes it.  The tree is built here over every entry, so a checkpoint is
 * believed only when it extends the rest. */
struct witness_log {
	const struct store *store;
	struct mirror_source source;
	struct mirror mirror; /* at the remembered checkpoint */
	struct text note;     /* that checkpoint; empty before the first */
};

/* From the folder: the remembered checkpoint, and the mirror, which must hold it.  Whoever works in
 * the folder mends what the mirror lost, and makes one out of the bundles that earlier versions
 * kept.  *reterr is of `a`. */
MUST_USE bool log_open(struct witness_log *l, struct arena *a, const char **reterr);

/* Fetches the newest checkpoint and what is between; never PULL_UNSIGNED.  Memory is of `a` but for
 * l->note, which is of `kept`. */
MUST_USE enum pull
log_pull(struct witness_log *l, struct arena *a, struct arena *kept, const char **reterr);

/* mirror_scan() with its fault, which is of `a`. */
MUST_USE bool log_scan(struct witness_log *l, uint64_t from, mirror_taker *take, void *arg,
	struct arena *a, const char **reterr);
