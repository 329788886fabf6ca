#pragma once

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/draw/verify.h"
#include "tests/verify/dice.h"

/* The journal of a transcript, made behind it: its entries in a log with its checkpoints and
 * cosignatures, and from these the files of docs/DRAW.md, "Proofs".  Keys follow from names. */
enum twist {
	TWIST_NONE,
#define TWIST(name, check) TWIST_##name,
#include "tests/unit/draw/twist.def"
	TWIST_COUNT
};

const char *twist_name(enum twist t);
enum check twist_check(enum twist t);

/* Files in an array that has room for `max`. */
struct prove_files {
	struct verify_file *at;
	size_t *count, max;
};

/* Makes all of these files again, from the records as they are; what cannot be read has none. */
void prove(struct arena *a, struct prove_files files, struct dice *d, enum twist twist);
