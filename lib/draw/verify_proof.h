#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/text.h"
#include "lib/draw/check.h"
#include "lib/draw/contribution.h"

struct arena;
struct verify_attempt;

/* The journal's entries that a transcript carries about one attempt, each with the proof that a
 * signed checkpoint holds it: docs/DRAW.md, "Proofs".  Needs a frozen attempt; fills the rows from
 * log-key to void-signature.  What a mirror said of one before stays, unless it is found false. */
struct verify_proofs {
	struct arena *arena;
	struct verify_attempt *attempt;
	/* A mirror is at hand: it has the entries of a transcript that carries no proofs. */
	bool mirror;
	/* The journal's verifier key that the verifying person has; empty: none. */
	struct text log_vkey;
	/* The bytes of a file of the attempt, or with `beside` of one that stands beside the
	 * attempts' folders; false when it is not there. */
	bool (*find)(void *arg, const char *file, bool beside, struct text *ret_bytes);
	void *arg;
	/* Of each line of contributions.txt; a value of length 0 does not count. */
	struct text given[FREEZE_CONTRIBUTORS_MAX];
	struct value values[FREEZE_CONTRIBUTORS_MAX];
	size_t count;
	bool parsed; /* there is such a record */
};

void verify_proofs(const struct verify_proofs *p);
