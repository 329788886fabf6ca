/* How a witness follows a journal: nothing is believed that does not extend what was seen, and what
 * was seen survives the program. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

	ck_assert_uint_eq(f->log.edge.size, size);
	ck_assert_msg(log_scan(&f->log, 0, count, &c, &err), "%s", err);
	ck_assert_uint_eq(c.next, size);
	c.next = size / 2;
	ck_assert(log_scan(&f->log, size / 2, count, &c, &err));
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
	ck_assert_uint_eq(f->log.edge.size, 300);
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

SUITE(witness_log, a_journal_is_followed_over_many_bundles_and_restarts,
	a_checkpoint_that_does_not_extend_is_refused_and_kept_as_evidence,
	entries_of_a_bundle_that_was_seen_in_part_do_not_change,
	another_root_of_a_size_that_was_seen_is_a_fork,
	words_without_the_journals_signature_are_nothing,
	a_mirror_that_lost_something_is_mended_from_the_same_journal_only)
