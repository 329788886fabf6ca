#pragma once

#include <stdbool.h>

#include "cli/mirror.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* A mirror (cli/mirror.h) grows by what a server shows: `fairlot journal mirror` and a witness do
 * it by these calls. */

/* Who answers a GET of a path; false: *reterr says why not. */
struct mirror_source {
	bool (*get)(void *arg, const char *path, struct arena *a, struct text *ret_body,
		const char **reterr);
	void *arg;
};

enum pull {
	PULL_SAME,	/* nothing new */
	PULL_NEW,	/* the mirror is at the new checkpoint */
	PULL_UNREACHED, /* no answer, or the disk: try again later */
	PULL_UNSIGNED,	/* what was served does not carry the log's signature */
	PULL_FORK	/* what was served contradicts what was seen or itself */
};

/* The newest checkpoint that is served, its signature checked.  PULL_NEW: it may be smaller than
 * what the mirror has.  In other cases m->fault says why. */
MUST_USE enum pull mirror_ask(struct mirror *m, const struct mirror_source *s,
	struct text *ret_note, struct checkpoint *ret_checkpoint);

/* From the edge, which is that of m->newest, to this checkpoint: the checkpoints between, the
 * entries, the tiles; last the file `checkpoint`.  PULL_NEW, or with m->fault nothing that
 * m->newest needs has changed.  What is in memory afterwards is of m->arena. */
MUST_USE enum pull mirror_grow(struct mirror *m, const struct mirror_source *s, struct text note,
	const struct checkpoint *c);

/* The tiles that were not full at this size and are wider now go. */
void mirror_drop(struct mirror *m, uint64_t size);

/* A checkpoint of the list as a note of the log alone. */
struct text mirror_note(const struct mirror *m, const struct mirror_checkpoint *p);
