#include "cli/mirror.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"

enum {
	BUNDLE_MAX = TILE_WIDTH * (TILE_ENTRY_MAX + 2),
	TEXT_MAX = 64 << 20,
	LINE_SIZE = 512 /* of a checkpoint: a number, a root, a signature */
};

static const char past_name[] = "checkpoints.txt";

static bool
fail(struct mirror *m, const char *what, const char *about)
{
	m->fault = arena_printf(m->arena, "%s: %s", about, what);
	return false;
}

static const char *
path_in(const struct mirror *m, const struct tile_id *id, struct arena *a)
{
	char path[TILE_PATH_SIZE];

	tile_path_write(id, path);
	return arena_printf(a, "%s/tile/%s", m->dir, path);
}

const char *
mirror_path(struct mirror *m, const struct tile_id *id)
{
	return path_in(m, id, m->arena);
}

/* ---- keys and checkpoints ---- */

bool
mirror_keys(struct mirror *m, struct text keys)
{
	struct text line, name;

	while (text_cut(&keys, '\n', &line)) {
		static const char tail[] = "/journal";
		size_t len = sizeof tail - 1;

		if (!note_vkey_parse(line, &name, m->key))
			continue;
		if (name.len > len && memcmp(name.at + name.len - len, tail, len) == 0) {
			m->origin = name;
			return true;
		}
	}
	return fail(m, "no key of a journal", "keys");
}

static bool
past_parse(const struct mirror *m, struct text line, struct mirror_checkpoint *ret_past)
{
	struct text size = {0}, root = {0}, text;
	struct arena a;
	size_t len;
	bool held;

	if (!text_cut(&line, ' ', &size) || !text_u64(size, INT64_MAX, &ret_past->size) ||
		!text_cut(&line, ' ', &root) ||
		!b64_decode(root, ret_past->root.at, HASH_LEN, &len) || len != HASH_LEN ||
		!b64_decode(line, ret_past->signature, SIGN_LEN, &len) || len != SIGN_LEN)
		return false;
	arena_init(&a, SIZE_MAX);
	text = checkpoint_build(&a, m->origin, ret_past->size, &ret_past->root);
	held = sign_holds(m->key, text, ret_past->signature);
	arena_reset(&a);
	return held;
}

static bool
lines_count(FILE *f, size_t *ret_lines)
{
	char block[1 << 16];
	size_t len, lines = 0;

	while ((len = fread(block, 1, sizeof block, f)) > 0)
		for (size_t i = 0; i < len; i++)
			lines += block[i] == '\n';
	*ret_lines = lines;
	return ferror(f) == 0 && fseek(f, 0, SEEK_SET) == 0;
}

/* Without its LF; empty where it is longer than a checkpoint's. */
static struct text
line_read(FILE *f, char line[LINE_SIZE])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(f)) != EOF && c != '\n') {
		if (len == LINE_SIZE)
			return (struct text){0};
		line[len++] = (char)c;
	}
	return text_span(line, len);
}

/* The list grows for ever, so it is never in memory as a whole.  A last line without its end was
 * cut off by a crash. */
static bool
past_take(struct mirror *m, FILE *f)
{
	char bytes[LINE_SIZE];
	size_t lines;

	if (!lines_count(f, &lines))
		return fail(m, strerror(errno), past_name);
	m->past = arena_array(m->arena, struct mirror_checkpoint, lines + 1);
	while (m->past_count < lines) {
		struct mirror_checkpoint *p = &m->past[m->past_count];
		struct text line = line_read(f, bytes);

		if (!past_parse(m, line, p) || (m->past_count > 0 && p->size <= p[-1].size))
			return fail(
				m, "a line is no signed checkpoint, or out of order", past_name);
		m->past_count++;
		if (p->size <= m->newest.size)
			m->past_bytes += line.len + 1;
	}
	while (m->past_count > 0 && m->past[m->past_count - 1].size > m->newest.size)
		m->past_count--;
	return true;
}

static bool
past_read(struct mirror *m)
{
	const char *path = arena_printf(m->arena, "%s/%s", m->dir, past_name);
	FILE *f = fopen(path, "rb");
	bool whole;

	if (f == NULL)
		return errno == ENOENT || fail(m, strerror(errno), path);
	whole = past_take(m, f);
	(void)fclose(f);
	return whole;
}

static bool
read_text(struct mirror *m, const char *name, struct text *ret_text)
{
	const char *path = arena_printf(m->arena, "%s/%s", m->dir, name);

	*ret_text = (struct text){0};
	return disk_read(path, TEXT_MAX, m->arena, ret_text) || errno == ENOENT ||
		fail(m, strerror(errno), path);
}

bool
mirror_open(struct mirror *m, struct arena *a, const char *dir)
{
	struct text keys;

	*m = (struct mirror){.arena = a, .dir = dir};
	if (!read_text(m, "keys", &keys) || !read_text(m, "checkpoint", &m->note))
		return false;
	if (keys.len == 0)
		return true;
	if (!mirror_keys(m, keys))
		return false;
	if (m->note.len > 0 && !checkpoint_verify(m->note, m->origin, m->key, &m->newest))
		return fail(m, "not signed by the log's key", "checkpoint");
	return past_read(m);
}

/* ---- tiles ---- */

static bool
tile_put(struct mirror *m, unsigned level, uint64_t n, unsigned width, bool write)
{
	const struct tile_id id = {.level = level, .n = n, .width = width};
	struct text want = {(const char *)m->edge.at[level], width * sizeof(struct hash)}, have;
	struct arena a;
	const char *path;
	bool same;

	arena_init(&a, SIZE_MAX);
	path = path_in(m, &id, &a);
	if (write) {
		same = disk_write(path, want, m->sync, &a) || fail(m, strerror(errno), path);
		m->disk_failed = !same;
	} else if (!disk_read(path, BUNDLE_MAX, &a, &have))
		same = fail(m, strerror(errno), path);
	else
		same = text_eq(have, want) || fail(m, "not the hashes of the entries", path);
	arena_reset(&a);
	return same;
}

/* The root of a size that was signed is the root of the entries up to there. */
static bool
past_check(struct mirror *m)
{
	while (m->past_next < m->past_count && m->past[m->past_next].size <= m->edge.size) {
		const struct mirror_checkpoint *p = &m->past[m->past_next++];
		struct hash root;

		if (p->size < m->edge.size)
			continue; /* it was checked when the mirror grew past it */
		root = tile_edge_root(&m->edge);
		if (memcmp(root.at, p->root.at, HASH_LEN) == 0)
			continue;
		m->fork = p;
		return fail(m, "not the root of the entries up to there",
			arena_printf(
				m->arena, "checkpoint of size %llu", (unsigned long long)p->size));
	}
	return true;
}

bool
mirror_add(struct mirror *m, const struct tile_id *id, struct text bundle, bool write,
	const struct mirror_reader *reader)
{
	uint64_t index = id->n * TILE_WIDTH;
	struct text entry;

	for (unsigned i = 0; i < id->width; i++, index++) {
		struct hash leaf;
		unsigned full;

		if (!bundle_cut(&bundle, &entry))
			return fail(m, "entries are missing", mirror_path(m, id));
		leaf = merkle_leaf(entry);
		if (index < m->edge.size) { /* the edge holds the leaves of this bundle */
			if (memcmp(leaf.at, m->edge.at[0][i].at, HASH_LEN) != 0)
				return fail(m, "an entry is not what it was", mirror_path(m, id));
			continue;
		}
		full = tile_edge_add(&m->edge, leaf);
		for (unsigned level = 0; level < full; level++)
			if (!tile_put(m, level, (m->edge.size >> (8 * (level + 1))) - 1, TILE_WIDTH,
				    write))
				return false;
		if (!past_check(m))
			return false;
		if (reader != NULL)
			reader->read(reader->arg, index, entry);
	}
	return bundle.len == 0 || fail(m, "more than its entries", mirror_path(m, id));
}

bool
mirror_edges(struct mirror *m, bool write)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t n = m->edge.size >> (8 * level) >> 8;
		unsigned width = tile_width(m->edge.size, level, n);

		if (width > 0 && !tile_put(m, level, n, width, write))
			return false;
	}
	return true;
}

bool
mirror_root(struct mirror *m)
{
	struct hash root = tile_edge_root(&m->edge);

	return memcmp(root.at, m->newest.root.at, HASH_LEN) == 0 ||
		fail(m, "not the root of the entries", "checkpoint");
}

bool
mirror_resume(struct mirror *m)
{
	memset(&m->edge, 0, sizeof m->edge);
	m->edge.size = m->newest.size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_id id = {.level = level, .n = m->edge.size >> (8 * level) >> 8};
		struct text hashes;

		id.width = tile_width(m->edge.size, level, id.n);
		if (id.width == 0)
			continue;
		if (!disk_read(mirror_path(m, &id), BUNDLE_MAX, m->arena, &hashes))
			return fail(m, strerror(errno), mirror_path(m, &id));
		if (hashes.len != id.width * sizeof(struct hash))
			return fail(m, "not as long as its name says", mirror_path(m, &id));
		memcpy(m->edge.at[level], hashes.at, hashes.len);
	}
	m->past_next = m->past_count;
	return m->newest.size == 0 || mirror_root(m);
}

static bool
bundle_verify(struct mirror *m, const struct tile_id *id, const struct mirror_reader *reader)
{
	const char *path = mirror_path(m, id);
	struct text bundle;
	struct arena a;
	bool held;

	arena_init(&a, SIZE_MAX);
	held = disk_read(path, BUNDLE_MAX, &a, &bundle) ? mirror_add(m, id, bundle, false, reader)
							: fail(m, strerror(errno), path);
	arena_reset(&a);
	return held;
}

bool
mirror_verify(struct mirror *m, const struct mirror_reader *reader)
{
	uint64_t size = m->newest.size;

	if (size == 0)
		return fail(m, "nothing was mirrored here", m->dir);
	memset(&m->edge, 0, sizeof m->edge);
	m->past_next = 0;
	for (uint64_t n = 0; m->edge.size < size; n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(size, 0, n)};

		if (!bundle_verify(m, &id, reader))
			return false;
	}
	if (m->past_count == 0 || m->past[m->past_count - 1].size != size)
		return fail(m, "the newest checkpoint is missing", past_name);
	return mirror_edges(m, false) && mirror_root(m);
}

/* ---- looks ---- */

static bool
tile_take(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	struct mirror *m = arg;
	/* It begins with the hashes of every narrower one. */
	struct tile_id id = {.level = level, .n = n, .width = tile_width(m->newest.size, level, n)};
	const char *path = mirror_path(m, &id);
	struct text hashes;

	if (!disk_read(path, BUNDLE_MAX, m->arena, &hashes))
		return fail(m, strerror(errno), path);
	if (hashes.len < width * sizeof(struct hash))
		return fail(m, "not as long as its name says", path);
	*ret_hashes = (const struct hash *)(const void *)hashes.at;
	return true;
}

bool
mirror_root_at(struct mirror *m, uint64_t size, struct hash *ret_root)
{
	const struct tile_source source = {tile_take, m};
	struct arena *whole = m->arena, some;
	const char *fault;
	bool found;

	must(size <= m->newest.size);
	arena_init(&some, SIZE_MAX);
	m->arena = &some;
	found = tile_root(&source, size, ret_root);
	m->arena = whole;
	fault = found || m->fault == NULL ? NULL : arena_str(whole, m->fault, strlen(m->fault));
	arena_reset(&some);
	m->fault = fault;
	return found;
}

bool
mirror_scan(struct mirror *m, uint64_t from, mirror_taker *take, void *arg)
{
	uint64_t size = m->newest.size;
	bool more = true, whole = true;

	for (uint64_t n = from / TILE_WIDTH; whole && more && n * TILE_WIDTH < size; n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(size, 0, n)};
		struct text rest = {0}, entry;
		struct arena a;

		arena_init(&a, SIZE_MAX);
		whole = disk_read(path_in(m, &id, &a), BUNDLE_MAX, &a, &rest) ||
			fail(m, strerror(errno), path_in(m, &id, &a));
		for (uint64_t i = n * TILE_WIDTH; whole && more && i < n * TILE_WIDTH + id.width;
			i++) {
			whole = bundle_cut(&rest, &entry) ||
				fail(m, "entries are missing", path_in(m, &id, &a));
			if (whole && i >= from)
				more = take(arg, i, entry);
		}
		arena_reset(&a);
	}
	return whole;
}
