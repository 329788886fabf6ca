/* On the disk first the bundles and tiles, then the line in checkpoints.txt, then the checkpoint:
 * wherever a run ends, the mirror holds what its checkpoint needs, and the next run goes on from
 * there.  What a partial tile or bundle of the old size held stays until mirror_drop(). */
#include "cli/mirror_pull.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "cli/disk.h"
#include "cli/say.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"

enum {
	PAGE = 200
};

static enum pull
fail(struct mirror *m, enum pull pull, const char *why)
{
	m->fault = why;
	return pull;
}

static const char *
file_of(const struct mirror *m, const char *name)
{
	return arena_printf(m->arena, "%s/%s", m->dir, name);
}

static enum pull
disk_fault(struct mirror *m, const char *path)
{
	return fail(m, PULL_UNREACHED, arena_printf(m->arena, "%s: %s", path, strerror(errno)));
}

enum pull
mirror_ask(struct mirror *m, const struct mirror_source *s, struct text *ret_note,
	struct checkpoint *ret_checkpoint)
{
	if (!s->get(s->arg, "/journal/checkpoint", m->arena, ret_note, &m->fault))
		return PULL_UNREACHED;
	if (checkpoint_verify(*ret_note, m->origin, m->key, ret_checkpoint))
		return PULL_NEW;
	return fail(m, PULL_UNSIGNED,
		say("检查点没有本日志的有效签名",
			"the checkpoint does not carry the signature of this journal"));
}

/* ---- checkpoints ---- */

/* False when the note is not signed by the log. */
static bool
past_of(const struct mirror *m, struct text note, struct mirror_checkpoint *ret_past)
{
	struct text text, signatures;
	struct note_signature s;
	struct checkpoint c;
	uint8_t id[NOTE_ID_LEN];

	if (!checkpoint_verify(note, m->origin, m->key, &c) ||
		!note_split(note, &text, &signatures))
		return false;
	note_key_id(m->origin, m->key, id);
	while (note_signature_cut(&signatures, &s))
		if (text_eq(s.name, m->origin) && memcmp(s.bytes, id, NOTE_ID_LEN) == 0 &&
			s.len == NOTE_ID_LEN + SIGN_LEN) {
			*ret_past = (struct mirror_checkpoint){.size = c.size, .root = c.root};
			memcpy(ret_past->signature, s.bytes + NOTE_ID_LEN, SIGN_LEN);
			return true;
		}
	return false;
}

struct text
mirror_note(const struct mirror *m, const struct mirror_checkpoint *p)
{
	return note_join(m->arena, checkpoint_build(m->arena, m->origin, p->size, &p->root),
		m->origin, m->key, p->signature);
}

static const char *
note_of(struct json_object *items, size_t i)
{
	struct json_object *value;

	return json_object_object_get_ex(json_object_array_get_idx(items, i), "note", &value) &&
			json_object_is_type(value, json_type_string)
		? json_object_get_string(value)
		: "";
}

static void
past_room(struct mirror *m, size_t count)
{
	struct mirror_checkpoint *more;

	if (count <= m->past_room)
		return;
	m->past_room = 2 * count;
	more = arena_array(m->arena, struct mirror_checkpoint, m->past_room);
	if (m->past_count > 0)
		memcpy(more, m->past, m->past_count * sizeof *more);
	m->past = more;
}

/* Takes the items of a page that lie behind the newest of m->past and not beyond `size`. */
static bool
page_take(struct mirror *m, struct json_object *items, uint64_t size, bool *ret_more)
{
	size_t n = json_object_array_length(items);
	uint64_t last = m->past_count == 0 ? m->newest.size : m->past[m->past_count - 1].size;

	past_room(m, m->past_count + n + 1);
	*ret_more = n == PAGE;
	for (size_t i = 0; i < n; i++) {
		struct mirror_checkpoint *p = &m->past[m->past_count];

		if (!past_of(m, text_of(note_of(items, i)), p) || p->size <= last)
			return false;
		if (p->size > size) { /* younger than this run */
			*ret_more = false;
			break;
		}
		last = p->size;
		m->past_count++;
	}
	return true;
}

static enum pull
page_pull(struct mirror *m, const struct mirror_source *s, uint64_t size, bool *ret_more)
{
	uint64_t after = m->past_count == 0 ? m->newest.size : m->past[m->past_count - 1].size;
	const char *path = arena_printf(m->arena, "/v1/journal/checkpoints?limit=%d&after=%llu",
		PAGE, (unsigned long long)after);
	struct json_object *json, *items;
	bool taken = false;
	struct text body;

	if (!s->get(s->arg, path, m->arena, &body, &m->fault))
		return PULL_UNREACHED;
	json = json_tokener_parse(arena_str(m->arena, body.at, body.len));
	if (json != NULL && json_object_object_get_ex(json, "items", &items) &&
		json_object_is_type(items, json_type_array))
		taken = page_take(m, items, size, ret_more);
	json_object_put(json);
	return taken ? PULL_NEW
		     : fail(m, PULL_UNSIGNED,
			       say("服务器列出的检查点并非都由本日志签署",
				       "the server lists a checkpoint that the log did not sign"));
}

/* All that were signed between the mirror's newest and this one, and this one. */
static enum pull
past_pull(struct mirror *m, const struct mirror_source *s, struct text note, uint64_t size)
{
	enum pull pull = PULL_NEW;
	bool more = size > m->newest.size;

	m->past_count = m->past_next = m->past_room = 0;
	past_room(m, 1);
	while (pull == PULL_NEW && more)
		pull = page_pull(m, s, size, &more);
	if (pull != PULL_NEW || size <= m->newest.size ||
		(m->past_count > 0 && m->past[m->past_count - 1].size == size))
		return pull;
	if (!past_of(m, note, &m->past[m->past_count]))
		return PULL_UNSIGNED;
	m->past_count++;
	return PULL_NEW;
}

static struct text
past_lines(const struct mirror *m)
{
	struct buf lines;

	buf_init(&lines, m->arena, 256);
	for (size_t i = 0; i < m->past_count; i++) {
		char root[B64_LEN(HASH_LEN) + 1], sig[B64_LEN(SIGN_LEN) + 1];

		b64_encode(m->past[i].root.at, HASH_LEN, root);
		b64_encode(m->past[i].signature, SIGN_LEN, sig);
		buf_printf(&lines, "%llu %s %s\n", (unsigned long long)m->past[i].size, root, sig);
	}
	return buf_text(&lines);
}

/* ---- entries ---- */

static enum pull
bundle_pull(struct mirror *m, const struct mirror_source *s, const struct tile_id *id)
{
	enum pull pull = PULL_NEW;
	const char *why = "", *path;
	char name[TILE_PATH_SIZE];
	struct text bundle;
	struct arena some;

	tile_path_write(id, name);
	path = mirror_path(m, id);
	arena_init(&some, SIZE_MAX); /* the bundle is on the disk when this returns */
	if (!s->get(s->arg, arena_printf(&some, "/journal/tile/%s", name), &some, &bundle, &why))
		pull = fail(m, PULL_UNREACHED, arena_str(m->arena, why, strlen(why)));
	else if (!mirror_add(m, id, bundle, true, NULL))
		pull = m->disk_failed ? PULL_UNREACHED : PULL_FORK;
	else if (!disk_write(path, bundle, m->sync, &some))
		pull = disk_fault(m, path);
	arena_reset(&some);
	return pull;
}

void
mirror_drop(struct mirror *m, uint64_t size)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_id id = {.level = level, .n = size >> (8 * level) >> 8};

		id.width = tile_width(size, level, id.n);
		if (id.width == 0 || tile_width(m->newest.size, level, id.n) == id.width)
			continue;
		(void)unlink(mirror_path(m, &id));
		id.entries = level == 0;
		if (id.entries)
			(void)unlink(mirror_path(m, &id));
	}
}

/* The last step: from here on the mirror is at the new checkpoint. */
static enum pull
checkpoint_write(struct mirror *m, struct text note)
{
	const char *list = file_of(m, "checkpoints.txt"), *path = file_of(m, "checkpoint");
	struct text lines = past_lines(m);

	if (lines.len > 0 && !disk_append(list, m->past_bytes, lines, m->sync))
		return disk_fault(m, list);
	if (!disk_write(path, note, m->sync, m->arena))
		return disk_fault(m, path);
	m->past_bytes += lines.len;
	return PULL_NEW;
}

static enum pull
advance(struct mirror *m, const struct mirror_source *s, struct text note,
	const struct checkpoint *c)
{
	enum pull pull = past_pull(m, s, note, c->size);

	for (uint64_t n = m->edge.size / TILE_WIDTH; pull == PULL_NEW && m->edge.size < c->size;
		n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(c->size, 0, n)};

		pull = bundle_pull(m, s, &id);
	}
	if (pull != PULL_NEW)
		return pull;
	m->newest = *c;
	m->note = note;
	if (!mirror_root(m))
		return PULL_FORK;
	return mirror_edges(m, true) ? checkpoint_write(m, note) : PULL_UNREACHED;
}

enum pull
mirror_grow(struct mirror *m, const struct mirror_source *s, struct text note,
	const struct checkpoint *c)
{
	struct mirror *before = arena_copy(m->arena, m, sizeof *m);
	enum pull pull;

	m->fault = NULL;
	m->fork = NULL;
	m->disk_failed = false;
	if (c->size < m->newest.size)
		return fail(m, PULL_FORK,
			say("检查点小于此前所见",
				"the checkpoint is smaller than one seen before"));
	pull = advance(m, s, note, c);
	if (pull != PULL_NEW) {
		before->fault = m->fault;
		before->fork = m->fork;
		*m = *before;
	}
	return pull;
}
