#pragma once

#include <stdint.h>

#include "cli/mirror.h"

/* A mirror on the disk as `fairlot journal mirror` leaves it, of entries and a key of our own:
 * grown in steps to each of these sizes, which are its checkpoints. */
void mirror_make(
	struct mirror *m, struct arena *a, const char *dir, const uint64_t *sizes, size_t count);

/* The proof of an entry of it (C2SP tlog-proof). */
struct text mirror_make_proof(struct mirror *m, uint64_t index);

struct text mirror_make_entry(struct arena *a, uint64_t index);
