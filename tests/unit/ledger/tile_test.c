#include "lib/ledger/tile.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/merkle_path.h"
#include "tests/support/suite.h"

enum {
	LEAVES = 66000 /* three levels of tiles */
};

static struct hash *leaves;

/* Every tile of a tree, written down as the edge gives them. */
struct store {
	struct hash *at[3]; /* all hashes of a level, side by side */
	uint64_t size;
};

static struct store store;
static struct tile_edge edge;

static void
make(uint64_t size)
{
	memset(&edge, 0, sizeof edge);
	if (leaves == NULL) {
		leaves = calloc(LEAVES, sizeof *leaves);
		for (size_t i = 0; i < LEAVES; i++)
			leaves[i] = merkle_leaf(text_span((const char *)&i, sizeof i));
		for (int l = 0; l < 3; l++)
			store.at[l] = calloc(LEAVES, sizeof *leaves);
	}
	store.size = size;
	for (uint64_t i = 0; i < size; i++) {
		unsigned full = tile_edge_add(&edge, leaves[i]);

		store.at[0][i] = leaves[i];
		for (unsigned l = 0; l < full; l++)
			store.at[l + 1][(i + 1) / (l == 0 ? 256 : 65536) - 1] = edge.root[l];
	}
}

static bool
store_read(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	const struct store *s = arg;

	if (width == 0 || level > 2 || width > tile_width(s->size, level, n))
		return false;
	*ret_hashes = s->at[level] + n * TILE_WIDTH;
	return true;
}

static const struct tile_source source = {store_read, &store};

START_TEST(paths_are_those_of_the_standard)
{
	static const struct {
		const char *path;
		struct tile_id id;
	} rows[] = {
		{"0/000", {false, 0, 0, 256}},
		{"0/x001/x234/067", {false, 0, 1234067, 256}},
		{"1/x001/x234/067.p/8", {false, 1, 1234067, 8}},
		{"entries/999.p/255", {true, 0, 999, 255}},
		{"entries/x001/000", {true, 0, 1000, 256}},
		{"7/x009/x223/x372/x036/x854/x775/807.p/255", {false, 7, INT64_MAX, 255}},
	};
	char path[TILE_PATH_SIZE];
	struct tile_id id;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		tile_path_write(&rows[i].id, path);
		ck_assert_str_eq(path, rows[i].path);
		ck_assert(tile_path_parse(text_of(path), &id));
		ck_assert(id.entries == rows[i].id.entries && id.level == rows[i].id.level &&
			id.n == rows[i].id.n && id.width == rows[i].id.width);
	}
}
END_TEST

START_TEST(a_path_with_another_spelling_is_refused)
{
	static const char *const rows[] = {"", "0", "0/", "0/0", "0/00", "0/0000", "00/000",
		"8/000", "-1/000", "0/x000/001", "0/001/002", "0/x001", "0/x001/", "0/x001/x002",
		"0/000/", "0/000.p", "0/000.p/", "0/000.p/0", "0/000.p/256", "0/000.p/08",
		"0/000.p/8/", "0/ 00", "0/+01", "0/x01/002", "entries", "entries/", "Entries/000",
		"entry/000", "0/x009/x223/x372/x036/x854/x775/808",
		"0/x009/x223/x372/x036/x854/x775/x807/000"};
	struct tile_id id;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ck_assert_msg(!tile_path_parse(text_of(rows[i]), &id), "%s", rows[i]);
}
END_TEST

/* The example of tlog-tiles: a tree of 70,000. */
START_TEST(widths_are_those_of_the_standard)
{
	ck_assert_uint_eq(tile_width(70000, 0, 272), 256);
	ck_assert_uint_eq(tile_width(70000, 0, 273), 112);
	ck_assert_uint_eq(tile_width(70000, 0, 274), 0);
	ck_assert_uint_eq(tile_width(70000, 1, 0), 256);
	ck_assert_uint_eq(tile_width(70000, 1, 1), 17);
	ck_assert_uint_eq(tile_width(70000, 2, 0), 1);
	ck_assert_uint_eq(tile_width(70000, 3, 0), 0);
	ck_assert_uint_eq(tile_width(256, 0, 1), 0);
	ck_assert_uint_eq(tile_width(0, 0, 0), 0);
}
END_TEST

START_TEST(roots_from_tiles_are_the_roots_of_the_leaves)
{
	static const uint64_t sizes[] = {
		0, 1, 2, 3, 255, 256, 257, 511, 512, 1000, 65535, 65536, 65537, LEAVES};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct hash want, got;

		make(sizes[i]);
		want = merkle_root_of(leaves, sizes[i]);
		got = tile_edge_root(&edge);
		ck_assert_mem_eq(got.at, want.at, HASH_LEN);
		ck_assert(tile_root(&source, sizes[i], &got));
		ck_assert_mem_eq(got.at, want.at, HASH_LEN);
	}
}
END_TEST

START_TEST(paths_from_tiles_are_the_paths_of_the_leaves)
{
	static const uint64_t sizes[] = {1, 2, 7, 255, 256, 257, 600, 65536, LEAVES};
	struct hash a[MERKLE_PATH_MAX], b[MERKLE_PATH_MAX];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint64_t size = sizes[i], stride = size / 23 + 1;

		make(size);
		for (uint64_t at = 0; at < size; at += stride) {
			size_t len;

			ck_assert(tile_inclusion(&source, size, at, a, &len));
			ck_assert_uint_eq(len, merkle_inclusion(leaves, size, at, b));
			ck_assert_mem_eq(a, b, len * sizeof a[0]);
			ck_assert(tile_consistency(&source, size, at + 1, a, &len));
			ck_assert_uint_eq(len, merkle_consistency(leaves, size, at + 1, b));
			ck_assert_mem_eq(a, b, len * sizeof a[0]);
		}
	}
}
END_TEST

/* What a proof reads of a tree: the tiles of the leaf and those of the right edge. */
struct narrow {
	const struct store *all;
	uint64_t leaf;
};

static bool
narrow_read(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	const struct narrow *w = arg;
	unsigned shift = 8 * (level + 1);

	return (n == w->leaf >> shift || n == (w->all->size - 1) >> shift) &&
		store_read((void *)(uintptr_t)w->all, level, n, width, ret_hashes);
}

START_TEST(a_proof_needs_the_tiles_of_its_leaf_and_of_the_edge_only)
{
	struct hash path[MERKLE_PATH_MAX];
	size_t len;

	for (uint64_t size = 65500; size <= LEAVES; size += 99) {
		make(size);
		for (uint64_t at = 0; at < size; at += 7919) {
			struct narrow w = {&store, at};
			const struct tile_source s = {narrow_read, &w};

			ck_assert(tile_inclusion(&s, size, at, path, &len));
			ck_assert(tile_consistency(&s, size, at + 1, path, &len));
		}
	}
}
END_TEST

START_TEST(an_absent_tile_ends_a_proof)
{
	struct hash path[MERKLE_PATH_MAX];
	size_t len;

	make(1000);
	store.size = 900;
	ck_assert(!tile_inclusion(&source, 1000, 0, path, &len));
	ck_assert(!tile_root(&source, 1000, path));
	store.size = 1000;
}
END_TEST

START_TEST(bundles_are_cut_at_their_lengths)
{
	struct text rest = text_span("\0\3abc\0\0\0\1d", 10), entry;

	ck_assert(bundle_cut(&rest, &entry) && text_is(entry, "abc"));
	ck_assert(bundle_cut(&rest, &entry) && entry.len == 0);
	ck_assert(bundle_cut(&rest, &entry) && text_is(entry, "d"));
	ck_assert(!bundle_cut(&rest, &entry) && rest.len == 0);
	rest = text_span("\0\3ab", 4);
	ck_assert(!bundle_cut(&rest, &entry) && rest.len == 4);
	rest = text_span("\0", 1);
	ck_assert(!bundle_cut(&rest, &entry) && rest.len == 1);
}
END_TEST

SUITE(tile, paths_are_those_of_the_standard, a_path_with_another_spelling_is_refused,
	widths_are_those_of_the_standard, roots_from_tiles_are_the_roots_of_the_leaves,
	paths_from_tiles_are_the_paths_of_the_leaves,
	a_proof_needs_the_tiles_of_its_leaf_and_of_the_edge_only, an_absent_tile_ends_a_proof,
	bundles_are_cut_at_their_lengths)
