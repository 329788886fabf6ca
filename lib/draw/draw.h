#pragma once

#include <stddef.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"
#include "lib/draw/check.h"
#include "lib/draw/contribution.h"
#include "lib/draw/freeze.h"
#include "lib/draw/list.h"
#include "lib/draw/result.h"

struct arena;

/* One attempt of a draw, as the daemon's steps use it:
 *
 *   at the deadline       candidates_build, exclusions_build, draw_freeze, then the operator's
 *                         proof over freeze_alpha(F)
 *   with each value       draw_open with the stored texts, draw_value for what was given
 *   after the last value  draw_finish: seed, order, contributions.txt, result.txt
 *
 * All memory is the arena's; results hold views of the texts given, which must outlive them. */
struct draw {
	struct freeze freeze;
	struct hash f; /* F */
	struct candidates candidates;
	struct exclusions excluded;
};

/* Sets the counts and roots of *f from the two lists and builds freeze.txt. */
MUST_USE enum check draw_freeze(struct arena *a, struct freeze *f, struct text candidates,
	struct text excluded, struct text *ret_text);

/* Parses the three and compares them. */
MUST_USE enum check draw_open(struct arena *a, struct text freeze, struct text candidates,
	struct text excluded, struct draw *ret_draw);

/* The lists are those of the freeze. */
MUST_USE enum check draw_lists_check(const struct draw *d);

/* What contributor `index` (from 0) gave counts. */
MUST_USE enum check
draw_value(const struct draw *d, size_t index, struct text given, struct value *ret_value);

struct draw_end {
	struct result result;
	struct text contributions_text, result_text;
};

/* given: one for every contributor of the freeze, each checked again. */
MUST_USE enum check draw_finish(
	struct arena *a, const struct draw *d, const struct text *given, struct draw_end *ret_end);
