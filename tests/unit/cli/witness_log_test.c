/* How a witness follows a journal: nothing is believed that does not extend what was seen, and what
 * was seen survives the program. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/disk.h"
#include "cli/file.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/fake_log.h"

#define ORIGIN "fairlot.example/market"

struct counted {
	const struct fake *f;
	uint64_t next;
};

static bool
count(void *arg, uint64_t index, struct text entry)
{
	struct counted *c = arg;

	ck_assert_uint_eq(index, c->next++);
	ck_assert(text_eq(entry, c->f->entries[index]));
	return true;
}

static void
holds(struct fake *f, uint64_t size)
{
	struct counted c = {f, 0};
	const char *err = "";

	ck_assert_uint_eq(f->log.mirror.newest.size, size);
	ck_assert_msg(log_scan(&f->log, 0, count, &c, &f->arena, &err), "%s", err);
	ck_assert_uint_eq(c.next, size);
	c.next = size / 2;
	ck_assert(log_scan(&f->log, size / 2, count, &c, &f->arena, &err));
	ck_assert_uint_eq(c.next, size);
}

static const char *
remembered(struct fake *f)
{
	struct text bytes;

	ck_assert(file_read(
		arena_printf(&f->arena, "%s/checkpoint", f->folder), 1 << 16, &f->arena, &bytes));
	return bytes.at;
}

static bool
has(struct fake *f, const char *name)
{
	return access(arena_printf(&f->arena, "%s/%s", f->folder, name), F_OK) == 0;
}

START_TEST(a_journal_is_followed_over_many_bundles_and_restarts)
{
	static const uint64_t sizes[] = {1, 10, 256, 257, 700, 768, 1000};
	struct fake *f = fake_new(ORIGIN);

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		fake_fill(f, sizes[i]);
		ck_assert_int_eq(fake_pull(f), PULL_NEW);
		holds(f, sizes[i]);
		ck_assert_int_eq(fake_pull(f), PULL_SAME);
		ck_assert(fake_reopen(f));
		holds(f, sizes[i]);
	}
	fake_free(&f);
}
END_TEST

START_TEST(a_checkpoint_that_does_not_extend_is_refused_and_kept_as_evidence)
{
	struct fake *f = fake_new(ORIGIN);
	struct text honest;
	const char *before;

	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	before = remembered(f);
	honest = f->entries[5];
	f->entries[5] = text_of("another history\n");
	fake_fill(f, 400);
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	ck_assert_str_eq(remembered(f), before);
	ck_assert(has(f, "public/evidence/400-served") && has(f, "public/evidence/400-seen"));
	/* Neither time nor a restart makes it true. */
	ck_assert(fake_reopen(f));
	ck_assert_uint_eq(f->log.mirror.newest.size, 300);
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	f->entries[5] = honest;
	holds(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	holds(f, 400);
	fake_free(&f);
}
END_TEST

START_TEST(entries_of_a_bundle_that_was_seen_in_part_do_not_change)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 10);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	f->entries[9] = text_of("changed\n");
	fake_fill(f, 12);
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	fake_free(&f);
}
END_TEST

START_TEST(another_root_of_a_size_that_was_seen_is_a_fork)
{
	struct fake *f = fake_new(ORIGIN);
	struct text honest;

	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	/* An older checkpoint of the same history is only late. */
	f->size = 299;
	ck_assert_int_eq(fake_pull(f), PULL_SAME);
	f->size = 20;
	ck_assert_int_eq(fake_pull(f), PULL_SAME);
	honest = f->entries[3];
	f->entries[3] = text_of("changed\n");
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	f->size = 300;
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	f->entries[3] = honest;
	ck_assert_int_eq(fake_pull(f), PULL_SAME);
	fake_free(&f);
}
END_TEST

START_TEST(words_without_the_journals_signature_are_nothing)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 3);
	memset(f->seed, 4, sizeof f->seed);
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	memset(f->seed, 3, sizeof f->seed);
	f->origin = "other.example/market";
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	ck_assert(!has(f, "checkpoint"));
	f->origin = ORIGIN;
	f->gone = true;
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	f->gone = false;
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	fake_free(&f);
}
END_TEST

START_TEST(a_mirror_that_lost_something_is_mended_from_the_same_journal_only)
{
	struct fake *f = fake_new(ORIGIN);
	const char *path;
	struct text honest;

	fake_fill(f, 600);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	path = arena_printf(&f->arena, "%s/mirror/tile/entries/001", f->folder);
	ck_assert_int_eq(remove(path), 0);
	f->gone = true;
	ck_assert(!fake_reopen(f));
	f->gone = false;
	honest = f->entries[300];
	f->entries[300] = text_of("changed\n");
	ck_assert(!fake_reopen(f));
	f->entries[300] = honest;
	ck_assert(fake_reopen(f));
	holds(f, 600);
	/* A byte that the disk changed is found as well. */
	ck_assert(file_replace(path, text_of("rubbish"), &f->arena));
	ck_assert(fake_reopen(f));
	holds(f, 600);
	fake_free(&f);
}
END_TEST

/* --- the mirror of the folder --- */

static const char *
inside(struct fake *f, const char *name)
{
	return arena_printf(&f->arena, "%s/%s", f->folder, name);
}

/* As `fairlot journal verify` reads it. */
static void
is_a_mirror(struct fake *f, uint64_t size)
{
	struct mirror m;

	ck_assert_msg(mirror_open(&m, &f->arena, inside(f, "mirror")), "%s", m.fault);
	ck_assert_msg(mirror_verify(&m, NULL), "%s", m.fault);
	ck_assert_uint_eq(m.newest.size, size);
}

START_TEST(its_mirror_is_one_as_journal_mirror_makes_it)
{
	static const uint64_t sizes[] = {1, 200, 256, 300, 513, 1000};
	struct fake *f = fake_new(ORIGIN);

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		fake_fill(f, sizes[i]);
		ck_assert_int_eq(fake_pull(f), PULL_NEW);
		is_a_mirror(f, sizes[i]);
	}
	/* What is not full any more has gone. */
	ck_assert(has(f, "mirror/tile/entries/003.p/232"));
	ck_assert(!has(f, "mirror/tile/entries/000.p/200"));
	ck_assert(!has(f, "mirror/tile/0/001.p/44"));
	fake_free(&f);
}
END_TEST

/* Before this form a witness kept bundles alone. */
START_TEST(bundles_of_an_older_folder_become_a_mirror_without_being_fetched)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 700);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	ck_assert_int_eq(remove(inside(f, "mirror/keys")), 0);
	ck_assert_int_eq(remove(inside(f, "mirror/checkpoint")), 0);
	ck_assert_int_eq(remove(inside(f, "mirror/checkpoints.txt")), 0);
	disk_remove(inside(f, "mirror/tile/0"));
	disk_remove(inside(f, "mirror/tile/1"));
	f->bundles_left = 0;
	ck_assert(fake_reopen(f));
	is_a_mirror(f, 700);
	f->bundles_left = 100;
	fake_fill(f, 900);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	is_a_mirror(f, 900);
	fake_free(&f);
}
END_TEST

/* The program died after its mirror had grown, and before it remembered that. */
START_TEST(a_mirror_ahead_of_what_is_remembered_is_gone_on_with)
{
	struct fake *f = fake_new(ORIGIN);
	struct text before;

	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	before = text_of(remembered(f));
	fake_fill(f, 400);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	ck_assert(file_replace(inside(f, "checkpoint"), before, &f->arena));
	f->gone = true;
	ck_assert(fake_reopen(f));
	holds(f, 400);
	ck_assert(text_eq(f->log.note, fake_note(f, 400)));
	ck_assert_str_eq(remembered(f), f->log.note.at);
	fake_free(&f);
}
END_TEST

/* The mirror holds a history, and the remembered checkpoint another: the mirror is not believed. */
START_TEST(a_mirror_that_has_not_the_remembered_root_is_made_again)
{
	struct fake *f = fake_new(ORIGIN);
	struct text honest, note;

	fake_fill(f, 300);
	honest = f->entries[7];
	f->entries[7] = text_of("another history\n");
	note = fake_note(f, 300);
	f->entries[7] = honest;
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	ck_assert(file_replace(inside(f, "checkpoint"), note, &f->arena));
	ck_assert(!fake_reopen(f));
	f->entries[7] = text_of("another history\n");
	ck_assert(fake_reopen(f));
	holds(f, 300);
	fake_free(&f);
}
END_TEST

START_TEST(what_could_not_be_remembered_is_not_new)
{
	struct fake *f = fake_new(ORIGIN);
	const char *before;

	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	before = remembered(f);
	ck_assert(file_make_folders(inside(f, "checkpoint.new/x/"), 0700, &f->arena));
	fake_fill(f, 400);
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	ck_assert_str_eq(remembered(f), before);
	holds(f, 300);
	disk_remove(inside(f, "checkpoint.new"));
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	ck_assert_str_ne(remembered(f), before);
	holds(f, 400);
	is_a_mirror(f, 400);
	fake_free(&f);
}
END_TEST

START_TEST(a_disk_that_fails_is_no_fork)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 200);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	ck_assert(file_make_folders(inside(f, "mirror/tile/0/000.new/"), 0700, &f->arena));
	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	ck_assert(!has(f, "public/evidence"));
	disk_remove(inside(f, "mirror/tile/0/000.new"));
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	fake_free(&f);
}
END_TEST

START_TEST(a_pull_that_broke_off_starts_again_from_what_is_remembered)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 200);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	fake_fill(f, 900);
	f->bundles_left = 2;
	ck_assert_int_eq(fake_pull(f), PULL_UNREACHED);
	ck_assert_uint_eq(f->log.mirror.edge.size, 200);
	holds(f, 200);
	f->bundles_left = 100;
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	is_a_mirror(f, 900);
	fake_free(&f);
}
END_TEST

/* One that was not looked at when it was the newest contradicts the entries. */
START_TEST(a_checkpoint_between_with_another_root_is_a_fork_and_is_the_evidence)
{
	struct fake *f = fake_new(ORIGIN);

	fake_fill(f, 100);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	fake_fill(f, 300);
	f->signed_at[200] = true;
	f->other_root = 200;
	ck_assert_int_eq(fake_pull(f), PULL_FORK);
	ck_assert(has(f, "public/evidence/200-served") && has(f, "public/evidence/200-seen"));
	f->other_root = 0;
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	fake_free(&f);
}
END_TEST

/* Who signs a void by hand looks at the mirror and leaves it to the program that works there. */
START_TEST(one_who_does_not_work_in_the_folder_changes_nothing)
{
	struct fake *f = fake_new(ORIGIN);
	const char *err = NULL;

	fake_fill(f, 300);
	ck_assert_int_eq(fake_pull(f), PULL_NEW);
	store_close(&f->store);
	ck_assert(store_open(&f->store, f->folder, false, &f->arena, &err));
	ck_assert_msg(log_open(&f->log, &f->arena, &err), "%s", err);
	holds(f, 300);
	ck_assert_int_eq(remove(inside(f, "mirror/keys")), 0);
	ck_assert_int_eq(remove(inside(f, "mirror/checkpoint")), 0);
	ck_assert(!log_open(&f->log, &f->arena, &err));
	ck_assert(!has(f, "mirror/keys") && !has(f, "mirror/checkpoint"));
	fake_free(&f);
}
END_TEST

SUITE(witness_log, a_journal_is_followed_over_many_bundles_and_restarts,
	a_checkpoint_that_does_not_extend_is_refused_and_kept_as_evidence,
	entries_of_a_bundle_that_was_seen_in_part_do_not_change,
	another_root_of_a_size_that_was_seen_is_a_fork,
	words_without_the_journals_signature_are_nothing,
	a_mirror_that_lost_something_is_mended_from_the_same_journal_only,
	its_mirror_is_one_as_journal_mirror_makes_it,
	bundles_of_an_older_folder_become_a_mirror_without_being_fetched,
	a_mirror_ahead_of_what_is_remembered_is_gone_on_with,
	a_mirror_that_has_not_the_remembered_root_is_made_again,
	what_could_not_be_remembered_is_not_new, a_disk_that_fails_is_no_fork,
	a_pull_that_broke_off_starts_again_from_what_is_remembered,
	a_checkpoint_between_with_another_root_is_a_fork_and_is_the_evidence,
	one_who_does_not_work_in_the_folder_changes_nothing)
