#include "tests/unit/cli/fake_log.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ledger/note.h"
#include "tests/support/folder.h"

struct text
fake_note(struct fake *f, uint64_t size)
{
	struct tile_edge *e = arena_new(&f->arena, struct tile_edge);
	struct text name = text_of(arena_printf(&f->arena, "%s/journal", f->origin));
	struct hash root;

	for (uint64_t i = 0; i < size; i++)
		(void)tile_edge_add(e, merkle_leaf(f->entries[i]));
	root = tile_edge_root(e);
	if (size > 0 && size == f->other_root)
		root = merkle_leaf(text_of("nothing"));
	return note_sign(&f->arena, checkpoint_build(&f->arena, name, size, &root), name, f->seed);
}

/* The page of checkpoints: those sizes that were the newest once. */
static struct text
fake_page(struct fake *f, const char *query)
{
	const char *after = strstr(query, "after=");
	uint64_t from;
	struct buf b;

	ck_assert_ptr_nonnull(after);
	ck_assert(text_u64(text_of(after + strlen("after=")), INT64_MAX, &from));
	buf_init(&b, &f->arena, 4096);
	buf_str(&b, "{\"items\":[");
	for (uint64_t size = from + 1; size <= f->count; size++) {
		struct json_object *note;

		if (!f->signed_at[size])
			continue;
		note = json_object_new_string(fake_note(f, size).at);
		buf_printf(&b, "%s{\"note\":%s}", b.at[b.len - 1] == '[' ? "" : ",",
			json_object_to_json_string(note));
		json_object_put(note);
	}
	buf_str(&b, "]}");
	return buf_text(&b);
}

static bool
fake_get(void *arg, const char *path, struct arena *a, struct text *ret_body, const char **reterr)
{
	struct fake *f = arg;
	struct tile_id id;
	struct buf b;

	*reterr = "gone";
	if (f->gone)
		return false;
	if (strcmp(path, "/journal/checkpoint") == 0) {
		f->signed_at[f->size] = true;
		*ret_body = fake_note(f, f->size);
		return true;
	}
	if (strncmp(path, "/v1/journal/checkpoints?", 24) == 0) {
		*ret_body = fake_page(f, path);
		return true;
	}
	ck_assert_int_eq(strncmp(path, "/journal/tile/", 14), 0);
	if (f->bundles_left-- <= 0)
		return false;
	ck_assert(tile_path_parse(text_of(path + 14), &id));
	ck_assert(id.entries && id.n * TILE_WIDTH + id.width <= f->size);
	buf_init(&b, a, 4096);
	for (unsigned i = 0; i < id.width; i++) {
		struct text entry = f->entries[id.n * TILE_WIDTH + i];

		buf_char(&b, (char)(entry.len >> 8));
		buf_char(&b, (char)entry.len);
		buf_add(&b, entry.at, entry.len);
	}
	*ret_body = buf_text(&b);
	return true;
}

static bool
open_all(struct fake *f)
{
	const char *err = NULL;

	ck_assert_msg(store_open(&f->store, f->folder, true, &f->arena, &err), "%s", err);
	f->log = (struct witness_log){.store = &f->store, .source = {fake_get, f}};
	return log_open(&f->log, &f->arena, &err);
}

struct fake *
fake_new(const char *origin)
{
	struct announcement n = {.origin = text_of(origin), .name = text_of("auditor-2")};
	struct fake *f = calloc(1, sizeof *f);
	uint8_t key[SIGN_KEY_LEN];
	const char *err = NULL;
	struct text vkey;

	ck_assert_ptr_nonnull(f);
	arena_init(&f->arena, SIZE_MAX);
	f->origin = origin;
	f->bundles_left = INT32_MAX;
	memset(f->seed, 3, sizeof f->seed);
	(void)snprintf(f->folder, sizeof f->folder, "/tmp/fairlot-witness-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(f->folder));
	sign_public(f->seed, key);
	vkey = note_vkey(&f->arena, text_of(arena_printf(&f->arena, "%s/journal", origin)), key);
	ck_assert_msg(store_init(f->folder, &n, vkey, &f->arena, &err), "%s", err);
	ck_assert(open_all(f));
	return f;
}

void
fake_free(struct fake **f)
{
	store_close(&(*f)->store);
	folder_remove((*f)->folder);
	arena_reset(&(*f)->arena);
	free(*f);
	*f = NULL;
}

void
fake_put(struct fake *f, struct text entry)
{
	ck_assert_uint_lt(f->count, FAKE_ENTRIES);
	f->entries[f->count++] = entry;
	f->size = f->count;
}

void
fake_fill(struct fake *f, uint64_t count)
{
	while (f->count < count)
		fake_put(f,
			text_of(arena_printf(
				&f->arena, "entry %llu\n", (unsigned long long)f->count)));
}

enum pull
fake_pull(struct fake *f)
{
	const char *err = "";

	return log_pull(&f->log, &f->arena, &f->arena, &err);
}

bool
fake_reopen(struct fake *f)
{
	store_close(&f->store);
	return open_all(f);
}
