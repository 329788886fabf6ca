#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"

struct arena;

/* candidates.txt and excluded.txt: who may win and who may not, as frozen. */

enum {
	LIST_MAX = 1000000 /* lines; 90 bytes a line make 90 MB */
};
#define LIST_WEIGHT_MAX ((uint64_t)1 << 31)

/* `<id> <weight> <stratum|-> <sign-up leaf hash>` */
struct candidate {
	struct text id, stratum; /* stratum is empty for "-" */
	uint32_t weight;
	struct hash leaf;
};

/* `<id> <reason-code> <sign-up leaf hash>` */
struct exclusion {
	struct text id, reason;
	struct hash leaf;
};

struct candidates {
	struct candidate *at;
	size_t count;
	uint64_t weight; /* sum, at most LIST_WEIGHT_MAX */
	struct hash root;
};

struct exclusions {
	struct exclusion *at;
	size_t count;
	struct hash root;
};

/* The record's bytes; sorts the array bytewise by id first.  What it writes is checked by
 * parsing it, so a faulty list is refused here. */
MUST_USE enum check
candidates_build(struct arena *a, struct candidate *at, size_t count, struct text *ret_text);
MUST_USE enum check
exclusions_build(struct arena *a, struct exclusion *at, size_t count, struct text *ret_text);

/* Views into the text.  *reterr_line, if given, is set on failure. */
MUST_USE enum check candidates_parse(struct arena *a, struct text text,
	struct candidates *ret_candidates, uint32_t *reterr_line);
MUST_USE enum check exclusions_parse(struct arena *a, struct text text,
	struct exclusions *ret_exclusions, uint32_t *reterr_line);

/* No id in both; *reterr_id is one that is. */
MUST_USE enum check
list_disjoint(const struct candidates *c, const struct exclusions *x, struct text *reterr_id);
