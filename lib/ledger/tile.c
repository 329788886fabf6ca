#include "lib/ledger/tile.h"

#include <string.h>

#include "lib/base/text.h"

enum {
	GROUP = 1000, /* numbers of a path are written in groups of three digits */
	TILE_BITS = 8
};

/* One group `[x]ddd` off the front. */
static bool
group_cut(struct text *path, bool more, uint64_t *n)
{
	unsigned value = 0;

	if (more) {
		if (path->len == 0 || path->at[0] != 'x')
			return false;
		*path = text_span(path->at + 1, path->len - 1);
	}
	if (path->len < 3)
		return false;
	for (int i = 0; i < 3; i++) {
		char c = path->at[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (unsigned)(c - '0');
	}
	if (*n > ((uint64_t)INT64_MAX - value) / GROUP)
		return false;
	*n = *n * GROUP + value;
	*path = text_span(path->at + 3, path->len - 3);
	return true;
}

/* A number has one spelling: the first group is not x000. */
static bool
number_cut(struct text *path, uint64_t *ret_n)
{
	uint64_t n = 0;

	while (path->len > 0 && path->at[0] == 'x') {
		if (!group_cut(path, true, &n) || n == 0 || path->len == 0 || path->at[0] != '/')
			return false;
		*path = text_span(path->at + 1, path->len - 1);
	}
	if (!group_cut(path, false, &n))
		return false;
	*ret_n = n;
	return true;
}

bool
tile_path_parse(struct text path, struct tile_id *ret_id)
{
	struct tile_id id = {.width = TILE_WIDTH};
	struct text level = {0};
	uint64_t number;

	if (!text_cut(&path, '/', &level))
		return false;
	id.entries = text_is(level, "entries");
	if (!id.entries) {
		if (!text_u64(level, TILE_LEVELS - 1, &number))
			return false;
		id.level = (unsigned)number;
	}
	if (!number_cut(&path, &id.n))
		return false;
	if (path.len > 0) {
		if (!text_starts(path, ".p/") ||
			!text_u64(text_span(path.at + 3, path.len - 3), TILE_WIDTH - 1, &number) ||
			number == 0)
			return false;
		id.width = (unsigned)number;
	}
	*ret_id = id;
	return true;
}

static char *
put(char *at, const char *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

/* Decimal, at least `digits` of them. */
static char *
put_number(char *at, uint64_t n, int digits)
{
	char reversed[20];
	int len = 0;

	for (; n > 0 || len < digits; n /= 10)
		reversed[len++] = (char)('0' + n % 10);
	while (len > 0)
		*at++ = reversed[--len];
	return at;
}

void
tile_path_write(const struct tile_id *id, char ret_path[TILE_PATH_SIZE])
{
	uint64_t groups[7]; /* 2^63 has 19 digits */
	int count = 0;
	char *at = ret_path;
	uint64_t n = id->n;

	do
		groups[count++] = n % GROUP;
	while ((n /= GROUP) > 0);
	must(id->width > 0 && id->width <= TILE_WIDTH && id->level < TILE_LEVELS && count <= 7);
	at = id->entries ? put(at, "entries", 7) : put_number(at, id->level, 1);
	while (count-- > 0) {
		at = put(at, count > 0 ? "/x" : "/", count > 0 ? 2 : 1);
		at = put_number(at, groups[count], 3);
	}
	if (id->width < TILE_WIDTH)
		at = put_number(put(at, ".p/", 3), id->width, 1);
	*at = '\0';
}

/* How many hashes a level has. */
static uint64_t
level_count(uint64_t size, unsigned level)
{
	return size >> (TILE_BITS * level);
}

unsigned
tile_width(uint64_t size, unsigned level, uint64_t n)
{
	uint64_t count = level_count(size, level), full = count / TILE_WIDTH;

	return n < full ? TILE_WIDTH : n == full ? (unsigned)(count % TILE_WIDTH) : 0;
}

bool
bundle_cut(struct text *bundle, struct text *ret_entry)
{
	const unsigned char *at = (const unsigned char *)bundle->at;
	size_t len;

	if (bundle->len < 2)
		return false;
	len = (size_t)at[0] << 8 | at[1];
	if (bundle->len - 2 < len)
		return false;
	*ret_entry = text_span(bundle->at + 2, len);
	*bundle = text_span(bundle->at + 2 + len, bundle->len - 2 - len);
	return true;
}

unsigned
tile_edge_add(struct tile_edge *e, struct hash leaf)
{
	uint64_t place = e->size++;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		e->at[level][place % TILE_WIDTH] = leaf;
		if (place % TILE_WIDTH != TILE_WIDTH - 1)
			return level;
		leaf = e->root[level] = merkle_root_of(e->at[level], TILE_WIDTH);
		place /= TILE_WIDTH;
	}
	must_fail(__FILE__, __LINE__, "a tree of 256^8 leaves");
}

/* The root over full subtrees is folded from the right, where the smallest stands. */
static void
fold(struct hash *root, bool *any, const struct hash *left)
{
	*root = *any ? merkle_node(left, root) : *left;
	*any = true;
}

struct hash
tile_edge_root(const struct tile_edge *e)
{
	struct hash root = hash_of(NULL, 0), part;
	bool any = false;

	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned end = (unsigned)(level_count(e->size, level) % TILE_WIDTH);

		while (end > 0) {
			unsigned width = end & -end; /* the smallest full subtree of it */

			end -= width;
			part = merkle_root_of(&e->at[level][end], width);
			fold(&root, &any, &part);
		}
	}
	return root;
}

/* The root of the full subtree of 2^bits leaves from `first` on, a multiple of that. */
static bool
subtree(const struct tile_source *s, uint64_t size, uint64_t first, unsigned bits,
	struct hash *ret_root)
{
	unsigned level = bits / TILE_BITS, width = 1u << bits % TILE_BITS, place;
	uint64_t n = first >> (TILE_BITS * level);
	const struct hash *hashes;

	place = (unsigned)(n % TILE_WIDTH);
	n /= TILE_WIDTH;
	if (!s->read(s->arg, level, n, tile_width(size, level, n), &hashes))
		return false;
	*ret_root = merkle_root_of(hashes + place, width);
	return true;
}

/* The root of the leaves first … end - 1, a range of RFC 6962's recursion: from `first` on, each
 * full subtree is as large as fits. */
static bool
range(const struct tile_source *s, uint64_t size, uint64_t first, uint64_t end,
	struct hash *ret_root)
{
	bool any = false;

	while (end > first) {
		unsigned bits = (unsigned)__builtin_ctzll(end - first);
		struct hash part;

		end -= (uint64_t)1 << bits;
		if (!subtree(s, size, end, bits, &part))
			return false;
		fold(ret_root, &any, &part);
	}
	return true;
}

/* The largest power of two below n, which is at least 2. */
static uint64_t
split(uint64_t n)
{
	return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static void
turn(struct hash *path, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		struct hash h = path[i];

		path[i] = path[len - 1 - i];
		path[len - 1 - i] = h;
	}
}

bool
tile_root(const struct tile_source *s, uint64_t size, struct hash *ret_root)
{
	*ret_root = hash_of(NULL, 0);
	return range(s, size, 0, size, ret_root);
}

bool
tile_inclusion(const struct tile_source *s, uint64_t size, uint64_t index,
	struct hash ret_path[MERKLE_PATH_MAX], size_t *ret_len)
{
	uint64_t first = 0, end = size;
	size_t len = 0;

	must(index < size);
	while (end - first > 1) {
		uint64_t middle = first + split(end - first);
		bool left = index < middle;

		if (!range(s, size, left ? middle : first, left ? end : middle, &ret_path[len++]))
			return false;
		if (left)
			end = middle;
		else
			first = middle;
	}
	turn(ret_path, len);
	*ret_len = len;
	return true;
}

bool
tile_consistency(const struct tile_source *s, uint64_t size, uint64_t old,
	struct hash ret_path[MERKLE_PATH_MAX], size_t *ret_len)
{
	uint64_t first = 0, end = size;
	size_t len = 0;

	must(old >= 1 && old <= size);
	while (old < end) {
		uint64_t middle = first + split(end - first);
		bool left = old <= middle;

		if (!range(s, size, left ? middle : first, left ? end : middle, &ret_path[len++]))
			return false;
		if (left)
			end = middle;
		else
			first = middle;
	}
	/* A subtree that the old tree has as a whole needs no hash: its root is the old root. */
	if (first > 0 && !range(s, size, first, end, &ret_path[len++]))
		return false;
	turn(ret_path, len);
	*ret_len = len;
	return true;
}
