#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/sign.h"
#include "lib/base/text.h"
#include "lib/ledger/tile.h"

struct arena;
struct store;

/* The journal as a witness follows it: entry by entry, kept in the mirror of its folder.  The tree
 * is built here over every entry, so a checkpoint is believed only when it extends the rest. */
struct witness_log {
	const struct store *store;
	/* GET of a path below /journal/; false: *reterr says why. */
	bool (*get)(void *arg, const char *path, struct arena *a, struct text *ret_body,
		const char **reterr);
	void *arg;
	struct tile_edge edge; /* over the entries of the remembered checkpoint */
	struct text note;      /* of that checkpoint; empty before the first */
};

enum pull {
	PULL_SAME,	/* nothing new */
	PULL_NEW,	/* edge, note and mirror are at the new checkpoint */
	PULL_UNREACHED, /* try again later */
	PULL_FORK	/* what was served contradicts what was seen or itself */
};

/* From the folder: the remembered checkpoint, and the tree over the mirror, which must be its; what
 * the mirror lost is fetched again. */
MUST_USE bool log_open(struct witness_log *l, struct arena *a, const char **reterr);

/* Fetches the newest checkpoint and the entries up to it.  Memory is of `a` but for l->note, which
 * is of `kept`. */
MUST_USE enum pull
log_pull(struct witness_log *l, struct arena *a, struct arena *kept, const char **reterr);

/* Calls `take` for the entries from index `from` on, in order, until it says false; entries live
 * until the next call.  False when the mirror cannot be read. */
typedef bool log_taker(void *arg, uint64_t index, struct text entry);
MUST_USE bool log_scan(const struct witness_log *l, uint64_t from, log_taker *take, void *arg,
	const char **reterr);
