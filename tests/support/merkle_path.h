#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/ledger/merkle.h"

/* Paths by the recursion of RFC 6962, 2.1.1 and 2.1.2, over leaves in memory: the second opinion
 * beside lib/ledger/tile.h, which finds them in tiles. */

/* The path of leaf `index`, and of the tree of the first `old` leaves; return its length.
 * index < size; 1 <= old <= size. */
size_t merkle_inclusion(const struct hash *leaves, uint64_t size, uint64_t index,
	struct hash ret_path[MERKLE_PATH_MAX]);
size_t merkle_consistency(const struct hash *leaves, uint64_t size, uint64_t old,
	struct hash ret_path[MERKLE_PATH_MAX]);
