#pragma once

#include <stddef.h>

#include "lib/base/arena.h"
#include "lib/draw/verify.h"

/* A whole transcript made by the library itself: attempt 1 voided because the witness stalled,
 * attempt 2 drawn with another witness.  Tests break it in one place. */
enum {
	TRANSCRIPT_FILES = 32
};

struct transcript {
	struct verify_file files[TRANSCRIPT_FILES];
	size_t count;
};

void transcript_make(struct arena *a, struct transcript *ret_t);

/* The bytes of a file; it must be there. */
struct text *transcript_file(struct transcript *t, const char *name);
void transcript_drop(struct transcript *t, const char *name);
/* Replaces the first `old` in a file, which must hold it. */
void transcript_edit(
	struct arena *a, struct transcript *t, const char *name, const char *old, const char *new);
