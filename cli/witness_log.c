/* Pulling: the checkpoint, then each bundle of entries that is new or was partial; the tree over
 * all of it must have the checkpoint's root.  On the disk the bundles come first, then the
 * checkpoint, so the mirror always holds what the remembered checkpoint needs. */
#include "cli/witness_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/say.h"
#include "cli/witness_store.h"
#include "lib/base/arena.h"
#include "lib/ledger/proof.h"

enum {
	BUNDLE_MAX = TILE_WIDTH * (2 + TILE_ENTRY_MAX)
};

static struct tile_id
bundle_id(uint64_t size, uint64_t n)
{
	return (struct tile_id){.entries = true, .n = n, .width = tile_width(size, 0, n)};
}

static const char *
mirror_path(const struct witness_log *l, const struct tile_id *id, struct arena *a)
{
	char path[TILE_PATH_SIZE];

	tile_path_write(id, path);
	return arena_printf(a, "%s/mirror/tile/%s", l->store->folder, path);
}

static uint64_t
bundles_of(uint64_t size)
{
	return (size + TILE_WIDTH - 1) / TILE_WIDTH;
}

/* --- the mirror --- */

/* The bundle as it is kept: of this width, as the remembered checkpoint needs it, or full.  A wider
 * one begins with the same entries. */
static bool
bundle_read(const struct witness_log *l, const struct tile_id *id, struct arena *a,
	struct text *ret_bundle)
{
	const unsigned widths[] = {id->width, tile_width(l->edge.size, 0, id->n), TILE_WIDTH};
	struct tile_id kept = *id;

	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
		kept.width = widths[i];
		if (kept.width < id->width)
			continue;
		if (file_read(mirror_path(l, &kept, a), BUNDLE_MAX, a, ret_bundle))
			return true;
		if (errno != ENOENT)
			return false;
	}
	return false;
}

/* Beside what the remembered checkpoint needs: another width is another file. */
static bool
bundle_write(
	const struct witness_log *l, const struct tile_id *id, struct text bundle, struct arena *a)
{
	const char *path = mirror_path(l, id, a);

	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (mkdir(arena_str(a, path, (size_t)(slash - path)), 0755) != 0 && errno != EEXIST)
			return false;
	return file_replace(path, bundle, a);
}

/* The entries from `from` on, up to `size`. */
static bool
scan(const struct witness_log *l, uint64_t from, uint64_t size, log_taker *take, void *arg,
	const char **reterr)
{
	bool more = true;

	for (uint64_t n = from / TILE_WIDTH; more && n < bundles_of(size); n++) {
		struct tile_id id = bundle_id(size, n);
		struct text rest, entry;
		struct arena a;
		bool whole;

		arena_init(&a, SIZE_MAX);
		whole = bundle_read(l, &id, &a, &rest);
		for (unsigned i = 0; whole && more && i < id.width; i++) {
			whole = bundle_cut(&rest, &entry);
			if (whole && n * TILE_WIDTH + i >= from)
				more = take(arg, n * TILE_WIDTH + i, entry);
		}
		arena_reset(&a);
		if (!whole) {
			*reterr = say("镜像不完整", "the mirror is incomplete");
			return false;
		}
	}
	return true;
}

bool
log_scan(
	const struct witness_log *l, uint64_t from, log_taker *take, void *arg, const char **reterr)
{
	return scan(l, from, l->edge.size, take, arg, reterr);
}

static bool
edge_take(void *arg, uint64_t index, struct text entry)
{
	(void)index;
	(void)tile_edge_add(arg, merkle_leaf(entry));
	return true;
}

/* The tree over the first `size` entries of the mirror. */
static bool
edge_of(const struct witness_log *l, uint64_t size, struct tile_edge *ret_edge, const char **reterr)
{
	memset(ret_edge, 0, sizeof *ret_edge);
	return scan(l, 0, size, edge_take, ret_edge, reterr);
}

static bool
root_is(const struct tile_edge *e, const struct checkpoint *c)
{
	struct hash root = tile_edge_root(e);

	return e->size == c->size && memcmp(root.at, c->root.at, HASH_LEN) == 0;
}

/* --- pulling --- */

/* Evidence that anyone can check: both notes carry the journal's signature. */
static enum pull
fork_keep(const struct witness_log *l, struct text note, const struct checkpoint *c,
	struct arena *a, const char **reterr)
{
	const char *name = arena_printf(a, "evidence/%llu", (unsigned long long)c->size);

	if (!store_publish(l->store, arena_printf(a, "%s-served", name), note, a) ||
		(l->note.len > 0 &&
			!store_publish(l->store, arena_printf(a, "%s-seen", name), l->note, a)))
		fprintf(stderr, "fairlot: %s: %s\n", name, strerror(errno));
	*reterr = arena_printf(a,
		say("大小为 %llu 的检查点与所见的日志矛盾（证据：public/%s-*）",
			"the checkpoint of size %llu contradicts the journal as it was seen "
			"(evidence: public/%s-*)"),
		(unsigned long long)c->size, name);
	return PULL_FORK;
}

/* An older checkpoint than the remembered one: of the same history? */
static enum pull
look_back(struct witness_log *l, struct text note, const struct checkpoint *c, struct arena *a,
	const char **reterr)
{
	struct tile_edge *e = arena_new(a, struct tile_edge);

	if (!edge_of(l, c->size, e, reterr))
		return PULL_UNREACHED;
	return root_is(e, c) ? PULL_SAME : fork_keep(l, note, c, a, reterr);
}

/* The entries of bundle n that are new go into the tree; those that were seen must be the same. */
static bool
bundle_take(uint64_t n, struct text bundle, struct text seen, struct tile_edge *e, unsigned width)
{
	struct text rest = bundle, entry;
	unsigned count = 0;

	if (seen.len > bundle.len || memcmp(seen.at, bundle.at, seen.len) != 0)
		return false;
	for (; bundle_cut(&rest, &entry); count++)
		if (n * TILE_WIDTH + count == e->size)
			(void)tile_edge_add(e, merkle_leaf(entry));
	return rest.len == 0 && count == width;
}

/* What of bundle n the tree holds already. */
static bool
seen_of(const struct witness_log *l, uint64_t n, struct arena *a, struct text *ret_seen)
{
	struct tile_id id = bundle_id(l->edge.size, n);
	struct text rest, entry;

	*ret_seen = text_span("", 0);
	if (id.width == 0)
		return true;
	if (!bundle_read(l, &id, a, ret_seen))
		return false;
	rest = *ret_seen;
	for (unsigned i = 0; i < id.width; i++)
		if (!bundle_cut(&rest, &entry))
			return false;
	ret_seen->len -= rest.len;
	return true;
}

/* One bundle: fetched, compared, put into the tree and the mirror.  PULL_NEW: it fits so far. */
static enum pull
bundle_pull(struct witness_log *l, const struct tile_id *id, struct tile_edge *e, struct arena *a,
	const char **reterr)
{
	struct text bundle, seen;
	char path[TILE_PATH_SIZE];

	tile_path_write(id, path);
	if (!l->get(l->arg, arena_printf(a, "tile/%s", path), a, &bundle, reterr))
		return PULL_UNREACHED;
	if (!seen_of(l, id->n, a, &seen)) {
		*reterr = say("镜像不完整", "the mirror is incomplete");
		return PULL_UNREACHED;
	}
	if (!bundle_take(id->n, bundle, seen, e, id->width))
		return PULL_FORK;
	if (bundle_write(l, id, bundle, a))
		return PULL_NEW;
	*reterr = arena_str(a, strerror(errno), strlen(strerror(errno)));
	return PULL_UNREACHED;
}

/* Every bundle up to the checkpoint, which the tree must then have the root of. */
static enum pull
go_on(struct witness_log *l, const struct checkpoint *c, struct tile_edge *e, struct arena *a,
	const char **reterr)
{
	*e = l->edge;
	for (uint64_t n = e->size / TILE_WIDTH; n < bundles_of(c->size); n++) {
		struct tile_id id = bundle_id(c->size, n);
		const char *why = "";
		struct arena one;
		enum pull pull;

		arena_init(&one, SIZE_MAX);
		pull = bundle_pull(l, &id, e, &one, &why);
		if (pull == PULL_UNREACHED)
			*reterr = arena_str(a, why, strlen(why));
		arena_reset(&one);
		if (pull != PULL_NEW)
			return pull;
	}
	return root_is(e, c) ? PULL_NEW : PULL_FORK;
}

/* The partial bundle of the checkpoint before this one is not needed any more. */
static void
partial_drop(const struct witness_log *l, uint64_t size, struct arena *a)
{
	struct tile_id id = bundle_id(size, size / TILE_WIDTH);

	if (id.width > 0 && id.width < tile_width(l->edge.size, 0, id.n))
		(void)unlink(mirror_path(l, &id, a));
}

/* A mirror that lost something is fetched again: it must come to the remembered root. */
static bool
mend(struct witness_log *l, const struct checkpoint *c, struct tile_edge *e, struct arena *a,
	const char **reterr)
{
	memset(&l->edge, 0, sizeof l->edge);
	switch (go_on(l, c, e, a, reterr)) {
	case PULL_NEW:
		return true;
	case PULL_FORK:
		*reterr = say("日志不再含有所记检查点的条目",
			"the journal has not the entries of the remembered checkpoint any more");
		return false;
	default:
		return false;
	}
}

bool
log_open(struct witness_log *l, struct arena *a, const char **reterr)
{
	struct tile_edge *e = arena_new(a, struct tile_edge);
	const struct store *s = l->store;
	struct checkpoint c;

	memset(&l->edge, 0, sizeof l->edge);
	if (!store_checkpoint(s, a, &l->note, reterr))
		return false;
	if (l->note.len == 0)
		return true;
	if (!checkpoint_verify(l->note, s->log_name, s->log_key, &c)) {
		*reterr = say("见证目录中的检查点有误", "the remembered checkpoint is damaged");
		return false;
	}
	l->edge.size = c.size; /* what the mirror is kept for */
	if ((!edge_of(l, c.size, e, reterr) || !root_is(e, &c)) && !mend(l, &c, e, a, reterr))
		return false;
	l->edge = *e;
	return true;
}

enum pull
log_pull(struct witness_log *l, struct arena *a, struct arena *kept, const char **reterr)
{
	const struct store *s = l->store;
	struct tile_edge *e = arena_new(a, struct tile_edge);
	uint64_t before = l->edge.size;
	struct checkpoint c;
	struct text note;
	enum pull pull;

	if (!l->get(l->arg, "checkpoint", a, &note, reterr))
		return PULL_UNREACHED;
	/* Somebody's words without the journal's signature are no evidence against it. */
	if (!checkpoint_verify(note, s->log_name, s->log_key, &c)) {
		*reterr = say("检查点没有本日志的有效签名",
			"the checkpoint does not carry the signature of this journal");
		return PULL_UNREACHED;
	}
	if (c.size <= l->edge.size && l->note.len > 0)
		return look_back(l, note, &c, a, reterr);
	if ((pull = go_on(l, &c, e, a, reterr)) == PULL_FORK)
		return fork_keep(l, note, &c, a, reterr);
	if (pull != PULL_NEW)
		return pull;
	if (!store_remember(s, note, a)) {
		*reterr = arena_printf(a, "checkpoint: %s", strerror(errno));
		return PULL_UNREACHED;
	}
	l->edge = *e;
	l->note = text_of(arena_str(kept, note.at, note.len));
	partial_drop(l, before, a);
	return PULL_NEW;
}
