#include "lib/ledger/merkle.h"

#include <check.h>
#include <string.h>

#include "lib/base/hex.h"
#include "tests/support/merkle_path.h"
#include "tests/support/suite.h"

/* The leaves of RFC 6962's reference implementation. */
static const char *const leaves_hex[8] = {"", "00", "10", "2021", "3031", "40414243",
	"5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static struct hash leaves[64];

static void
make(size_t n)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < n; i++) {
		size_t len = i < 8 ? strlen(leaves_hex[i]) / 2 : 1;

		if (i < 8)
			ck_assert(hex_decode(text_of(leaves_hex[i]), bytes, len));
		else
			bytes[0] = (uint8_t)i;
		leaves[i] = merkle_leaf(text_span((char *)bytes, len));
	}
}

static void
root_is(uint64_t n, const char *hex)
{
	struct hash root = merkle_root_of(leaves, n);
	uint8_t want[HASH_LEN];

	ck_assert(hex_decode(text_of(hex), want, HASH_LEN));
	ck_assert_mem_eq(root.at, want, HASH_LEN);
}

START_TEST(roots_are_the_known_ones)
{
	make(8);
	root_is(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	root_is(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
	root_is(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}
END_TEST

START_TEST(every_leaf_of_every_small_tree_is_included_and_no_other)
{
	struct hash path[MERKLE_PATH_MAX];

	make(40);
	for (uint64_t n = 1; n <= 40; n++) {
		struct hash root = merkle_root_of(leaves, n);

		for (uint64_t i = 0; i < n; i++) {
			size_t len = merkle_inclusion(leaves, n, i, path);

			ck_assert(merkle_includes(&root, n, &leaves[i], i, path, len));
			ck_assert(!merkle_includes(&root, n, &leaves[i], i, path, len + 1));
			if (len > 0)
				ck_assert(!merkle_includes(&root, n, &leaves[i], i, path, len - 1));
			ck_assert(!merkle_includes(&root, n, &leaves[(i + 1) % 41], i, path, len));
			ck_assert(!merkle_includes(&root, n, &leaves[i], i + n, path, len));
			for (size_t k = 0; k < len; k++) {
				path[k].at[7] ^= 1;
				ck_assert(!merkle_includes(&root, n, &leaves[i], i, path, len));
				path[k].at[7] ^= 1;
			}
		}
	}
}
END_TEST

START_TEST(every_small_tree_extends_those_before_it_and_no_fork)
{
	struct hash path[MERKLE_PATH_MAX];

	make(40);
	for (uint64_t n = 1; n <= 40; n++)
		for (uint64_t old = 1; old <= n; old++) {
			struct hash root = merkle_root_of(leaves, n);
			struct hash old_root = merkle_root_of(leaves, old), fork = old_root;
			size_t len = merkle_consistency(leaves, n, old, path);

			fork.at[0] ^= 1;
			ck_assert(merkle_extends(&root, n, &old_root, old, path, len));
			ck_assert(!merkle_extends(&root, n, &fork, old, path, len));
			ck_assert(!merkle_extends(&fork, n, &old_root, old, path, len));
			if (old < n && old > 1)
				ck_assert(!merkle_extends(&root, n, &old_root, old - 1, path, len));
			if (len > 0)
				ck_assert(!merkle_extends(&root, n, &old_root, old, path, len - 1));
			ck_assert(!merkle_extends(&root, n, &old_root, n + 1, path, len));
			ck_assert(!merkle_extends(&root, n, &old_root, 0, path, len));
			for (size_t k = 0; k < len; k++) {
				path[k].at[31] ^= 0x80;
				ck_assert(!merkle_extends(&root, n, &old_root, old, path, len));
				path[k].at[31] ^= 0x80;
			}
		}
}
END_TEST

SUITE(merkle, roots_are_the_known_ones, every_leaf_of_every_small_tree_is_included_and_no_other,
	every_small_tree_extends_those_before_it_and_no_fork)
