/* `fairlot journal mirror` and `fairlot journal verify`.  Mirroring fetches checkpoints and
 * entries; tiles are computed, and the root of what was fetched is the root that was signed, or
 * nothing of it counts. */
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "cli/disk.h"
#include "cli/mirror.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"

enum {
	PAGE = 200
};

static enum status
faulty(const struct mirror *m)
{
	fprintf(stderr, "fairlot: %s\n", m->fault);
	return STATUS_REFUSED;
}

static const char *
file_of(struct mirror *m, const char *name)
{
	return arena_printf(m->arena, "%s/%s", m->dir, name);
}

static enum status
keep(struct mirror *m, const char *path, struct text bytes)
{
	if (disk_write(path, bytes, m->arena))
		return STATUS_OK;
	perror(path);
	return STATUS_UNREACHED;
}

static enum status
fetch(struct session *s, enum op_id op, const char *path, struct arena *a, struct text *ret_body)
{
	struct request r = {.op = &op_table[op], .path = path};
	struct answer answer;
	enum status status;

	session_send(s, &r, &answer, NULL);
	status = session_judge(s, r.op, &answer, NULL);
	if (status == STATUS_OK)
		*ret_body =
			text_span(arena_str(a, answer.body.at, answer.body.len), answer.body.len);
	return status;
}

/* The first time the server's key is taken for the log's; from then on it must be that one. */
static enum status
keys_take(struct session *s, struct mirror *m)
{
	uint8_t known[SIGN_KEY_LEN];
	struct text keys, origin = m->origin;
	enum status status = fetch(s, OP_journal_keys, "/journal/keys", s->arena, &keys);

	memcpy(known, m->key, sizeof known);
	if (status != STATUS_OK)
		return status;
	if (!mirror_keys(m, keys))
		return faulty(m);
	if (origin.len == 0) {
		fprintf(stderr,
			say("fairlot: 首次镜像，信任该公钥：%s\n",
				"fairlot: mirrored for the first time, trusting this key: %s\n"),
			note_vkey(s->arena, m->origin, m->key).at);
		return keep(m, file_of(m, "keys"), keys);
	}
	if (text_eq(origin, m->origin) && memcmp(known, m->key, sizeof known) == 0)
		return STATUS_OK;
	m->fault = "keys: the server shows another key of the log than this mirror has";
	return faulty(m);
}

/* False when the note is not signed by the log. */
static bool
past_of(const struct mirror *m, const char *note, struct mirror_checkpoint *ret_past)
{
	struct text text, signatures;
	struct note_signature s;
	struct checkpoint c;

	if (note == NULL || !checkpoint_verify(text_of(note), m->origin, m->key, &c) ||
		!note_split(text_of(note), &text, &signatures) ||
		!note_signature_cut(&signatures, &s) || s.len != NOTE_ID_LEN + SIGN_LEN)
		return false;
	*ret_past = (struct mirror_checkpoint){.size = c.size, .root = c.root};
	memcpy(ret_past->signature, s.bytes + NOTE_ID_LEN, SIGN_LEN);
	return true;
}

static void
past_write(struct buf *lines, const struct mirror_checkpoint *p)
{
	char root[B64_LEN(HASH_LEN) + 1], sig[B64_LEN(SIGN_LEN) + 1];

	b64_encode(p->root.at, HASH_LEN, root);
	b64_encode(p->signature, SIGN_LEN, sig);
	buf_printf(lines, "%llu %s %s\n", (unsigned long long)p->size, root, sig);
}

/* A page of checkpoints behind the newest of m->past; *ret_more when another may follow. */
static enum status
past_page(struct session *s, struct mirror *m, uint64_t size, bool *ret_more)
{
	uint64_t after = m->past_count == 0 ? 0 : m->past[m->past_count - 1].size;
	struct request r = {.op = &op_table[OP_journal_checkpoints],
		.path = arena_printf(s->arena, "/v1/journal/checkpoints?limit=%d&after=%llu", PAGE,
			(unsigned long long)after)};
	struct mirror_checkpoint *grown =
		arena_array(s->arena, struct mirror_checkpoint, m->past_count + PAGE);
	struct json_object *json = NULL, *items = NULL;
	struct answer answer;
	enum status status;
	size_t n;

	session_send(s, &r, &answer, NULL);
	if ((status = session_judge(s, r.op, &answer, NULL)) != STATUS_OK ||
		(status = session_parse(s, &answer, &json)) != STATUS_OK)
		return status;
	n = json_object_object_get_ex(json, "items", &items) ? json_object_array_length(items) : 0;
	if (m->past_count > 0)
		memcpy(grown, m->past, m->past_count * sizeof *grown);
	m->past = grown;
	*ret_more = n == PAGE;
	for (size_t i = 0; i < n && i < PAGE; i++) {
		struct mirror_checkpoint *p = &m->past[m->past_count];

		if (!past_of(m, json_text(json_object_array_get_idx(items, i), "note"), p)) {
			m->fault = "the server shows a checkpoint that the log did not sign";
			return faulty(m);
		}
		if (p->size > size) { /* younger than this run */
			*ret_more = false;
			break;
		}
		m->past_count++;
	}
	return STATUS_OK;
}

/* ---- entries ---- */

static enum status
bundle_take(struct session *s, struct mirror *m, const struct tile_id *id)
{
	struct arena *all = s->arena, some;
	char path[TILE_PATH_SIZE];
	struct text bundle;
	enum status status;

	tile_path_write(id, path);
	arena_init(&some, SIZE_MAX);
	s->arena = &some; /* what is fetched here is on the disk when this returns */
	status = fetch(
		s, OP_journal_tile, arena_printf(&some, "/journal/tile/%s", path), &some, &bundle);
	if (status == STATUS_OK && !mirror_add(m, id, bundle, true, NULL))
		status = faulty(m);
	if (status == STATUS_OK)
		status = keep(m, mirror_path(m, id), bundle);
	s->arena = all;
	arena_reset(&some);
	return status;
}

/* The partial tiles of a size, which the full ones or wider ones replaced. */
static void
partial_drop(struct mirror *m, uint64_t size)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_id id = {.level = level, .n = size >> (8 * level) >> 8};

		id.width = tile_width(size, level, id.n);
		if (id.width == 0 || tile_width(m->edge.size, level, id.n) == id.width)
			continue;
		(void)unlink(mirror_path(m, &id));
		id.entries = level == 0;
		if (id.entries)
			(void)unlink(mirror_path(m, &id));
	}
}

static enum status
grow(struct session *s, struct mirror *m, struct text note, const struct checkpoint *c)
{
	uint64_t old = m->newest.size;
	enum status status = STATUS_OK;
	struct buf lines;

	for (uint64_t n = old / TILE_WIDTH; status == STATUS_OK && m->edge.size < c->size; n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(c->size, 0, n)};

		status = bundle_take(s, m, &id);
	}
	if (status != STATUS_OK)
		return status;
	m->newest = *c;
	if (!mirror_edges(m, true) || !mirror_root(m))
		return faulty(m);
	buf_init(&lines, s->arena, 4096);
	for (size_t i = 0; i < m->past_count; i++)
		past_write(&lines, &m->past[i]);
	if ((status = keep(m, file_of(m, "checkpoints.txt"), buf_text(&lines))) == STATUS_OK)
		status = keep(m, file_of(m, "checkpoint"), note);
	if (status == STATUS_OK && old > 0)
		partial_drop(m, old);
	return status;
}

static enum status
mirror(struct session *s, struct mirror *m)
{
	struct text note;
	struct checkpoint c;
	enum status status;
	bool more = true;

	if ((status = keys_take(s, m)) != STATUS_OK ||
		(status = fetch(s, OP_journal_checkpoint, "/journal/checkpoint", s->arena,
			 &note)) != STATUS_OK)
		return status;
	if (!checkpoint_verify(note, m->origin, m->key, &c))
		m->fault = "the server's checkpoint is not signed by the log";
	else if (c.size < m->newest.size)
		m->fault = "the server's checkpoint is smaller than one it showed before";
	if (m->fault != NULL || !mirror_resume(m))
		return faulty(m);
	while (more)
		if ((status = past_page(s, m, c.size, &more)) != STATUS_OK)
			return status;
	if ((status = grow(s, m, note, &c)) == STATUS_OK)
		printf(say("已镜像至 %llu 条\n", "mirrored up to %llu entries\n"),
			(unsigned long long)c.size);
	return status;
}

enum status
journal_mirror_run(struct session *s, int argc, char *const *argv)
{
	enum status status;
	struct mirror m;
	const char *dir;

	if (!special_args(s, argc, argv, 1, 1, &dir))
		return session_usage(say("用法：fairlot journal mirror 目录",
			"usage: fairlot journal mirror FOLDER"));
	if (!mirror_open(&m, s->arena, dir))
		return faulty(&m);
	return (status = session_open(s)) == STATUS_OK ? mirror(s, &m) : status;
}

/* Without a connection. */
enum status
journal_verify_run(struct session *s, int argc, char *const *argv)
{
	struct mirror m;
	const char *dir;

	if (!special_args(s, argc, argv, 1, 1, &dir))
		return session_usage(say("用法：fairlot journal verify 目录",
			"usage: fairlot journal verify FOLDER"));
	if (!mirror_open(&m, s->arena, dir) || !mirror_verify(&m, NULL))
		return faulty(&m);
	printf(say("日志 " TEXT_FMT "：%llu 条，%zu 个检查点，全部成立\n",
		       "journal " TEXT_FMT ": %llu entries, %zu checkpoints, all holds\n"),
		TEXT_ARG(m.origin), (unsigned long long)m.newest.size, m.past_count);
	return STATUS_OK;
}
