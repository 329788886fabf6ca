#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/hash.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

/* The tree hash of RFC 6962, section 2.1: leaf SHA-256(00 || entry), node SHA-256(01 || l || r). */

enum {
	MERKLE_DEPTH = 64,
	/* A consistency path holds at most one hash a level and one more. */
	MERKLE_PATH_MAX = MERKLE_DEPTH + 1
};

/* Grows leaf by leaf; holds the roots of the full subtrees, largest first.  Start with {0}. */
struct merkle {
	uint64_t size;
	struct hash full[MERKLE_DEPTH];
};

struct hash merkle_leaf(struct text entry);
struct hash merkle_node(const struct hash *left, const struct hash *right);

void merkle_add(struct merkle *m, struct hash leaf);
/* Of the leaves so far; SHA-256 of nothing when there are none. */
struct hash merkle_root(const struct merkle *m);

/* The root over an array of leaf hashes. */
struct hash merkle_root_of(const struct hash *leaves, uint64_t size);

/* RFC 9162, 2.1.3.2 and 2.1.4.2; false for every path that is too short or too long. */
MUST_USE bool merkle_includes(const struct hash *root, uint64_t size, const struct hash *leaf,
	uint64_t index, const struct hash *path, size_t len);
MUST_USE bool merkle_extends(const struct hash *root, uint64_t size, const struct hash *old_root,
	uint64_t old, const struct hash *path, size_t len);
