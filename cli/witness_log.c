/* Pulling: the mirror grows to the checkpoint that is served, by cli/mirror_pull.c, and is on the
 * disk; then the checkpoint is remembered in a file of its own; only then it may be cosigned.  So
 * the mirror may be ahead of what is remembered, and never has to be behind it. */
#include "cli/witness_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/call.h"
#include "cli/disk.h"
#include "cli/say.h"
#include "cli/witness_store.h"
#include "lib/base/arena.h"

enum {
	LOOKS = 5, /* of one who does not work here, at a mirror that is being written */
	LOOK_MS = 100
};

static const char *
copy(struct arena *a, const char *why)
{
	return arena_str(a, why, strlen(why));
}

static bool
root_is(const struct hash *root, const struct checkpoint *c)
{
	return memcmp(root->at, c->root.at, HASH_LEN) == 0;
}

/* --- opening --- */

/* The mirror in the folder is whole and holds the remembered checkpoint. */
static bool
mirror_take(struct witness_log *l, const char *dir, const struct checkpoint *c, struct arena *a)
{
	const struct store *s = l->store;
	struct mirror *m = &l->mirror;
	struct hash root;

	if (!mirror_open(m, a, dir))
		return false;
	if (m->origin.len > 0 &&
		(!text_eq(m->origin, s->log_name) ||
			memcmp(m->key, s->log_key, sizeof m->key) != 0))
		return false;
	if (m->newest.size == 0 || m->newest.size < c->size)
		return c->size == 0;
	return mirror_verify(m, NULL) && mirror_root_at(m, c->size, &root) &&
		(l->note.len == 0 || root_is(&root, c));
}

static void
mirror_begin(struct witness_log *l, const char *dir, struct arena *a)
{
	l->mirror =
		(struct mirror){.arena = a, .dir = dir, .sync = true, .origin = l->store->log_name};
	memcpy(l->mirror.key, l->store->log_key, sizeof l->mirror.key);
}

/* Bundles are read from the mirror's own folder; all else is asked for. */
static bool
own_get(void *arg, const char *path, struct arena *a, struct text *ret_body, const char **reterr)
{
	static const char bundles[] = "/journal/tile/";
	struct witness_log *l = arg;

	if (strncmp(path, bundles, sizeof bundles - 1) != 0)
		return l->source.get(l->source.arg, path, a, ret_body, reterr);
	*reterr = "";
	return disk_read(arena_printf(a, "%s/tile/%s", l->mirror.dir, path + sizeof bundles - 1),
		TILE_WIDTH * (2 + TILE_ENTRY_MAX), a, ret_body);
}

/* A mirror that lost something, or is older than its form, is made again: from its own bundles,
 * else from what is served.  It must come to the remembered root. */
static bool
mirror_make_again(struct witness_log *l, const char *dir, const struct checkpoint *c,
	struct arena *a, const char **reterr)
{
	const struct mirror_source own = {own_get, l};
	struct text keys = text_of(arena_printf(a, TEXT_FMT "\n", TEXT_ARG(l->store->vkey)));
	const char *path = arena_printf(a, "%s/keys", dir);
	enum pull pull;

	mirror_begin(l, dir, a);
	if (!disk_write(path, keys, true, a)) {
		*reterr = arena_printf(a, "%s: %s", path, strerror(errno));
		return false;
	}
	if (c->size == 0)
		return true;
	pull = mirror_grow(&l->mirror, &own, l->note, c);
	if (pull != PULL_NEW) {
		mirror_begin(l, dir, a);
		pull = mirror_grow(&l->mirror, &l->source, l->note, c);
	}
	*reterr = pull == PULL_FORK
		? say("日志不再含有所记检查点的条目",
			  "the journal has not the entries of the remembered checkpoint any more")
		: l->mirror.fault;
	return pull == PULL_NEW;
}

/* Between two runs the mirror may have gone ahead of what is remembered. */
static bool
catch_up(struct witness_log *l, const struct checkpoint *c, struct arena *a, const char **reterr)
{
	if (l->mirror.newest.size <= c->size)
		return true;
	l->note = text_of(arena_str(a, l->mirror.note.at, l->mirror.note.len));
	if (l->store->lock < 0 || store_remember(l->store, l->note, a))
		return true;
	*reterr = arena_printf(a, "checkpoint: %s", strerror(errno));
	return false;
}

static bool
open_with(struct witness_log *l, const struct checkpoint *c, struct arena *some, struct arena *a,
	const char **reterr)
{
	const char *dir = arena_printf(a, "%s/mirror", l->store->folder);

	for (int i = 0; l->store->lock < 0; i++) {
		if (mirror_take(l, dir, c, some))
			return catch_up(l, c, a, reterr);
		if (i == LOOKS) {
			*reterr = say("镜像不完整：请先运行 witness run",
				"the mirror is incomplete: let `witness run` mend it first");
			return false;
		}
		call_wait_ms(LOOK_MS);
	}
	if (mirror_take(l, dir, c, some) && l->mirror.origin.len > 0)
		return catch_up(l, c, a, reterr);
	return mirror_make_again(l, dir, c, some, reterr);
}

bool
log_open(struct witness_log *l, struct arena *a, const char **reterr)
{
	const struct store *s = l->store;
	struct checkpoint c = {0};
	struct arena some;
	bool opened;

	if (!store_checkpoint(s, a, &l->note, reterr))
		return false;
	if (l->note.len > 0 && !checkpoint_verify(l->note, s->log_name, s->log_key, &c)) {
		*reterr = say("见证目录中的检查点有误", "the remembered checkpoint is damaged");
		return false;
	}
	arena_init(&some, SIZE_MAX);
	opened = open_with(l, &c, &some, a, reterr);
	if (!opened)
		*reterr = copy(a, *reterr);
	/* What stays is of the store and of `a`. */
	l->mirror.dir = arena_printf(a, "%s/mirror", s->folder);
	l->mirror.origin = s->log_name;
	l->mirror.sync = true;
	l->mirror.arena = NULL;
	l->mirror.note = l->mirror.newest.text = text_of(NULL);
	l->mirror.past = NULL;
	l->mirror.past_count = l->mirror.past_next = l->mirror.past_room = 0;
	arena_reset(&some);
	return opened;
}

/* --- pulling --- */

/* Evidence that anyone can check: both notes carry the journal's signature. */
static enum pull
fork_keep(struct witness_log *l, struct text note, uint64_t size, struct arena *a,
	const char **reterr)
{
	const char *name = arena_printf(a, "evidence/%llu", (unsigned long long)size);

	if (!store_publish(l->store, arena_printf(a, "%s-served", name), note, a) ||
		(l->note.len > 0 &&
			!store_publish(l->store, arena_printf(a, "%s-seen", name), l->note, a)))
		fprintf(stderr, "fairlot: %s: %s\n", name, strerror(errno));
	*reterr = arena_printf(a,
		say("大小为 %llu 的检查点与所见的日志矛盾（证据：public/%s-*）",
			"the checkpoint of size %llu contradicts the journal as it was seen "
			"(evidence: public/%s-*)"),
		(unsigned long long)size, name);
	return PULL_FORK;
}

/* A checkpoint that is not newer than the remembered one: of the same history? */
static enum pull
look_back(struct witness_log *l, struct text note, const struct checkpoint *c, struct arena *a,
	const char **reterr)
{
	struct hash root;

	if (!mirror_root_at(&l->mirror, c->size, &root)) {
		*reterr = say("镜像不完整", "the mirror is incomplete");
		return PULL_UNREACHED;
	}
	return root_is(&root, c) ? PULL_SAME : fork_keep(l, note, c->size, a, reterr);
}

static enum pull
go_on(struct witness_log *l, struct text note, const struct checkpoint *c, struct arena *a,
	const char **reterr)
{
	struct mirror *m = &l->mirror, *before = arena_copy(a, m, sizeof *m);
	enum pull pull = mirror_grow(m, &l->source, note, c);

	if (pull == PULL_FORK && m->fork != NULL)
		return fork_keep(l, mirror_note(m, m->fork), m->fork->size, a, reterr);
	if (pull == PULL_FORK)
		return fork_keep(l, note, c->size, a, reterr);
	if (pull != PULL_NEW) {
		*reterr = m->fault;
		return PULL_UNREACHED;
	}
	if (store_remember(l->store, note, a)) {
		mirror_drop(m, before->newest.size);
		return PULL_NEW;
	}
	*reterr = arena_printf(a, "checkpoint: %s", strerror(errno));
	*m = *before;
	return PULL_UNREACHED;
}

enum pull
log_pull(struct witness_log *l, struct arena *a, struct arena *kept, const char **reterr)
{
	struct mirror *m = &l->mirror;
	struct checkpoint c;
	struct text note;
	enum pull pull;

	m->arena = a;
	pull = mirror_ask(m, &l->source, &note, &c);
	if (pull != PULL_NEW) {
		/* Somebody's words without the journal's signature are no evidence against it. */
		*reterr = m->fault;
		return PULL_UNREACHED;
	}
	if (c.size <= m->newest.size && l->note.len > 0)
		return look_back(l, note, &c, a, reterr);
	pull = go_on(l, note, &c, a, reterr);
	if (pull == PULL_NEW)
		l->note = text_of(arena_str(kept, note.at, note.len));
	m->past = NULL;
	m->past_count = m->past_next = m->past_room = 0;
	return pull;
}

bool
log_scan(struct witness_log *l, uint64_t from, mirror_taker *take, void *arg, struct arena *a,
	const char **reterr)
{
	l->mirror.arena = a;
	if (mirror_scan(&l->mirror, from, take, arg))
		return true;
	*reterr = l->mirror.fault;
	return false;
}
