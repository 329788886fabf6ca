#include "tests/support/merkle_path.h"

#include <stdbool.h>

#include "lib/base/must.h"

/* The largest power of two below size, which is at least 2. */
static uint64_t
split(uint64_t size)
{
	return (uint64_t)1 << (63 - __builtin_clzll(size - 1));
}

/* The recursion of 2.1.1 as a loop from the root down; the path is written leaf first, so it is
 * turned round at the end. */
static void
turn(struct hash *path, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		struct hash h = path[i];

		path[i] = path[len - 1 - i];
		path[len - 1 - i] = h;
	}
}

size_t
merkle_inclusion(const struct hash *leaves, uint64_t size, uint64_t index,
	struct hash ret_path[MERKLE_PATH_MAX])
{
	size_t len = 0;

	must(index < size);
	while (size > 1) {
		uint64_t k = split(size);

		if (index < k) {
			ret_path[len++] = merkle_root_of(leaves + k, size - k);
			size = k;
		} else {
			ret_path[len++] = merkle_root_of(leaves, k);
			leaves += k;
			index -= k;
			size -= k;
		}
	}
	turn(ret_path, len);
	return len;
}

size_t
merkle_consistency(const struct hash *leaves, uint64_t size, uint64_t old,
	struct hash ret_path[MERKLE_PATH_MAX])
{
	bool whole =
		true; /* the subtree is one the old tree has as a whole, so its hash is known */
	size_t len = 0;

	must(old >= 1 && old <= size);
	while (old < size) {
		uint64_t k = split(size);

		if (old <= k) {
			ret_path[len++] = merkle_root_of(leaves + k, size - k);
			size = k;
		} else {
			ret_path[len++] = merkle_root_of(leaves, k);
			leaves += k;
			old -= k;
			size -= k;
			whole = false;
		}
	}
	if (!whole)
		ret_path[len++] = merkle_root_of(leaves, size);
	turn(ret_path, len);
	return len;
}
