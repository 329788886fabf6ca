#pragma once

#include <stdint.h>

#include "cli/mirror.h"

struct receipt;

/* A mirror on the disk as `fairlot journal mirror` leaves it, of entries and a key of our own:
 * grown in steps to each of these sizes, which are its checkpoints. */
void mirror_make(
	struct mirror *m, struct arena *a, const char *dir, const uint64_t *sizes, size_t count);

/* The proof of an entry of it (C2SP tlog-proof). */
struct text mirror_make_proof(struct mirror *m, uint64_t index);

/* An entry a millisecond. */
struct text mirror_make_entry(struct arena *a, uint64_t index);
const char *mirror_make_time(struct arena *a, uint64_t index);

/* Signed by the keys of the mirror: a promise, and any checkpoint. */
struct text mirror_make_receipt(struct arena *a, const struct receipt *r);
struct text mirror_make_note(struct arena *a, uint64_t size, struct hash root);
