#include "cli/mirror.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "tests/support/folder.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/mirror_make.h"

static const uint64_t sizes[] = {1, 7, 256, 257, 700, 66000};

enum {
	SIZES = sizeof sizes / sizeof sizes[0]
};

static char folder[64];
static struct arena arena;
static struct mirror made;

static void
begin(size_t count)
{
	arena_init(&arena, SIZE_MAX);
	(void)snprintf(folder, sizeof folder, "/tmp/fairlot-mirror-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	mirror_make(&made, &arena, folder, sizes, count);
}

static void
finish(void)
{
	folder_remove(folder);
	arena_reset(&arena);
}

static bool
holds(void)
{
	struct mirror m;

	return mirror_open(&m, &arena, folder) && mirror_verify(&m, NULL);
}

/* Changes one byte of a file, and back. */
static void
flip(const char *name, long place)
{
	FILE *f = fopen(arena_printf(&arena, "%s/%s", folder, name), "r+b");
	int c;

	ck_assert_msg(f != NULL, "%s", name);
	ck_assert_int_eq(fseek(f, place, place < 0 ? SEEK_END : SEEK_SET), 0);
	c = fgetc(f);
	ck_assert_int_eq(fseek(f, place, place < 0 ? SEEK_END : SEEK_SET), 0);
	(void)fputc(c ^ 1, f);
	ck_assert_int_eq(fclose(f), 0);
}

static uint64_t seen;

static void
see(void *arg, uint64_t index, struct text entry)
{
	(void)arg;
	ck_assert_uint_eq(index, seen++);
	ck_assert(text_eq(entry, mirror_make_entry(&arena, index)));
}

START_TEST(a_mirror_holds_and_shows_its_entries_in_order)
{
	const struct mirror_reader reader = {see, NULL};
	struct mirror m;

	begin(SIZES);
	seen = 0;
	ck_assert(mirror_open(&m, &arena, folder));
	ck_assert_msg(mirror_verify(&m, &reader), "%s", m.fault);
	ck_assert_uint_eq(seen, sizes[SIZES - 1]);
	ck_assert_uint_eq(m.past_count, SIZES);
	finish();
}
END_TEST

START_TEST(a_changed_byte_anywhere_is_found_and_named)
{
	static const struct {
		const char *name;
		long place;
	} rows[] = {{"keys", -40}, {"checkpoint", 0}, {"checkpoint", 30}, {"checkpoint", -5},
		{"checkpoints.txt", 0}, {"checkpoints.txt", 5}, {"checkpoints.txt", -9},
		{"tile/entries/000", 0}, {"tile/entries/000", 1}, {"tile/entries/002", 77},
		{"tile/entries/257.p/208", 9000}, {"tile/0/000", 0}, {"tile/0/256", 8191},
		{"tile/0/257.p/208", 3}, {"tile/1/000", 4000}, {"tile/1/001.p/1", 31},
		{"tile/2/000.p/1", 0}};

	begin(SIZES);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		flip(rows[i].name, rows[i].place);
		ck_assert_msg(!holds(), "%s %ld", rows[i].name, rows[i].place);
		flip(rows[i].name, rows[i].place);
	}
	ck_assert(holds());
	finish();
}
END_TEST

START_TEST(a_mirror_goes_on_from_its_edge)
{
	struct mirror m;

	begin(5);
	ck_assert(mirror_open(&m, &arena, folder));
	ck_assert_msg(mirror_resume(&m), "%s", m.fault);
	ck_assert_uint_eq(m.edge.size, 700);
	ck_assert_mem_eq(tile_edge_root(&m.edge).at, made.newest.root.at, HASH_LEN);
	flip("tile/0/002.p/188", 5);
	ck_assert(mirror_open(&m, &arena, folder) && !mirror_resume(&m));
	finish();
}
END_TEST

/* The third bundle as it is at 701 entries, of which number `changed` is another one. */
static struct text
bundle_with(uint64_t changed)
{
	struct buf b;

	buf_init(&b, &arena, 4096);
	for (uint64_t i = 512; i < 701; i++) {
		struct text entry = i == changed ? text_of("x") : mirror_make_entry(&arena, i);

		buf_char(&b, (char)(entry.len >> 8));
		buf_char(&b, (char)entry.len);
		buf_add(&b, entry.at, entry.len);
	}
	return buf_text(&b);
}

/* A log that shows another entry than before, or has another root for it. */
START_TEST(a_fork_cannot_be_mirrored_on)
{
	struct tile_id id = {.entries = true, .n = 2, .width = 189};
	struct mirror m;

	begin(5);
	for (uint64_t changed = 512; changed < 700; changed += 187) {
		ck_assert(mirror_open(&m, &arena, folder) && mirror_resume(&m));
		ck_assert(!mirror_add(&m, &id, bundle_with(changed), true, NULL));
		ck_assert_ptr_nonnull(strstr(m.fault, "not what it was"));
	}
	ck_assert(mirror_open(&m, &arena, folder) && mirror_resume(&m));
	ck_assert(mirror_add(&m, &id, bundle_with(700), true, NULL));
	ck_assert_uint_eq(m.edge.size, 701);
	m.newest.size = 701; /* whatever root the log signs for its fork of all 701 */
	m.newest.root = merkle_leaf(text_of("x"));
	ck_assert(!mirror_root(&m));
	finish();
}
END_TEST

static void
append(const char *name, const char *bytes)
{
	FILE *f = fopen(arena_printf(&arena, "%s/%s", folder, name), "ab");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(bytes, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

/* What a run that was cut off leaves behind the newest checkpoint's line. */
START_TEST(lines_beyond_the_newest_checkpoint_do_not_count)
{
	struct text note, line, rest;
	struct mirror m;

	begin(SIZES);
	ck_assert(disk_read(
		arena_printf(&arena, "%s/checkpoints.txt", folder), 1 << 20, &arena, &rest));
	while (rest.len > 0) /* the line of the newest */
		ck_assert(text_cut(&rest, '\n', &line));
	append("checkpoints.txt", arena_printf(&arena, "%.*s", 40, line.at));
	ck_assert(holds());
	finish();

	begin(5);
	note = made.note;
	mirror_make(&made, &arena, folder, sizes, SIZES);
	ck_assert(disk_write(arena_printf(&arena, "%s/checkpoint", folder), note, false, &arena));
	ck_assert(mirror_open(&m, &arena, folder));
	ck_assert_uint_eq(m.past_count, 5);
	ck_assert(mirror_root_at(&m, 256, &m.newest.root));
	ck_assert_mem_eq(m.newest.root.at, m.past[2].root.at, HASH_LEN);
	finish();
}
END_TEST

START_TEST(a_list_without_the_newest_checkpoint_is_not_whole)
{
	struct text list, line, rest;
	struct mirror m;
	const char *path;

	begin(5);
	path = arena_printf(&arena, "%s/checkpoints.txt", folder);
	ck_assert(disk_read(path, 1 << 20, &arena, &list));
	rest = list;
	for (int i = 0; i < 4; i++)
		ck_assert(text_cut(&rest, '\n', &line));
	ck_assert(disk_write(path, text_span(list.at, list.len - rest.len), false, &arena));
	ck_assert(mirror_open(&m, &arena, folder) && !mirror_verify(&m, NULL));
	ck_assert_ptr_nonnull(strstr(m.fault, "checkpoints.txt"));
	finish();
}
END_TEST

/* A year of checkpoints is gigabytes: no size of the list keeps a mirror from being opened.  Behind
 * its lines the file has a hole, as after a loss of power. */
START_TEST(a_list_of_any_length_is_read)
{
	enum {
		LINES = 400
	}; /* more bytes than a buffer of stdio or a block of the count */
	uint64_t many[LINES];
	struct mirror m;
	const char *path;
	size_t before;

	for (size_t i = 0; i < LINES; i++)
		many[i] = i + 1;
	arena_init(&arena, SIZE_MAX);
	(void)snprintf(folder, sizeof folder, "/tmp/fairlot-mirror-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	mirror_make(&made, &arena, folder, many, LINES);
	path = arena_printf(&arena, "%s/checkpoints.txt", folder);
	ck_assert_int_eq(truncate(path, (64 << 20) + 4096), 0);
	before = arena.used;
	ck_assert_msg(mirror_open(&m, &arena, folder), "%s", m.fault);
	ck_assert_uint_eq(m.past_count, LINES);
	ck_assert_uint_lt(arena.used - before, 1 << 20);
	ck_assert_msg(mirror_verify(&m, NULL), "%s", m.fault);
	finish();
}
END_TEST

SUITE(mirror, a_list_of_any_length_is_read, a_mirror_holds_and_shows_its_entries_in_order,
	a_changed_byte_anywhere_is_found_and_named, a_mirror_goes_on_from_its_edge,
	a_fork_cannot_be_mirrored_on, lines_beyond_the_newest_checkpoint_do_not_count,
	a_list_without_the_newest_checkpoint_is_not_whole)
