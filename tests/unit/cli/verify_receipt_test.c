#include "cli/verify_receipt.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/disk.h"
#include "lib/base/arena.h"
#include "lib/base/b64.h"
#include "lib/ledger/proof.h"
#include "lib/ledger/receipt.h"
#include "tests/support/folder.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/mirror_make.h"

static const uint64_t sizes[] = {1, 7, 256, 257, 700};

enum {
	SIZES = sizeof sizes / sizeof sizes[0],
	SIZE = 700,
	ONE = 300 /* the entry that receipts here are about; size 700 is the first that holds it */
};

static char folder[64];
static struct arena arena;
static struct mirror made;
static struct text keys;
static char said[4096];

static void
begin(void)
{
	arena_init(&arena, SIZE_MAX);
	(void)snprintf(folder, sizeof folder, "/tmp/fairlot-receipt-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	mirror_make(&made, &arena, folder, sizes, SIZES);
	ck_assert(disk_read(arena_printf(&arena, "%s/keys", folder), 1 << 16, &arena, &keys));
}

static void
finish(void)
{
	folder_remove(folder);
	arena_reset(&arena);
}

static int
run_in(struct receipt_case c, bool chinese)
{
	const struct verify_style style = {.chinese = chinese};
	const char *err = NULL;
	FILE *out = fmemopen(said, sizeof said, "w");
	int status = -1;

	ck_assert_ptr_nonnull(out);
	memset(said, 0, sizeof said);
	if (c.keys.len == 0 && c.mirror == NULL)
		c.keys = keys;
	if (!verify_receipt(&arena, &c, &style, out, &status, &err))
		ck_assert_ptr_nonnull(err);
	(void)fclose(out);
	return status;
}

static int
run(struct receipt_case c)
{
	return run_in(c, false);
}

static void
says(const char *words)
{
	ck_assert_msg(strstr(said, words) != NULL, "%s, and not %s", said, words);
}

static struct receipt
about(uint64_t index, const char *promise)
{
	return (struct receipt){.leaf = merkle_leaf(mirror_make_entry(&arena, index)),
		.kind = text_of("bid"),
		.subject = text_of(arena_printf(&arena, "auc_%llu", (unsigned long long)index)),
		.at = text_of(mirror_make_time(&arena, index)),
		.promise = text_of(promise)};
}

static struct text
promise_of(uint64_t index, const char *promise)
{
	const struct receipt r = about(index, promise);

	return mirror_make_receipt(&arena, &r);
}

/* Of the youngest entry in the first checkpoint that holds entry 300, and just before. */
#define IN_TIME	 "2024-01-01T00:00:00.699000Z"
#define TOO_SOON "2024-01-01T00:00:00.698999Z"
#define LONG_AGO "2023-12-31T00:00:00.000000Z"
#define TOMORROW "2024-01-02T00:00:00.000000Z"

START_TEST(a_promise_alone_is_signed_and_no_more)
{
	begin();
	ck_assert_int_eq(run((struct receipt_case){.receipt = promise_of(ONE, IN_TIME)}), 3);
	says("promise: bid auc_300 will be in the journal by " IN_TIME);
	says("ok      receipt-signed");
	says("left    promise-kept");
	ck_assert_int_eq(
		run_in((struct receipt_case){.receipt = promise_of(ONE, IN_TIME)}, true), 3);
	says("未核    promise-kept");
	says("不完整");
	finish();
}
END_TEST

START_TEST(a_promise_is_kept_when_the_first_checkpoint_with_its_entry_is_old_enough)
{
	struct receipt_case c = {.mirror = folder};

	begin();
	c.receipt = promise_of(ONE, IN_TIME);
	ck_assert_int_eq(run(c), 0);
	says("ok      receipt-entry");
	says("ok      mirror ");
	says("ok      promise-kept");
	says("entry fairlot-entry/v1 bid auc_300");
	c.receipt = promise_of(ONE, TOO_SOON);
	ck_assert_int_eq(run(c), 1);
	says("FAILED  promise-kept");
	says("(size 700) has an entry of " IN_TIME);
	/* Entry 256 is in the checkpoint of size 257, before entry 257 was there. */
	c.receipt = promise_of(256, "2024-01-01T00:00:00.256000Z");
	ck_assert_int_eq(run(c), 0);
	c.receipt = promise_of(ONE, "");
	ck_assert_int_eq(run(c), 0);
	finish();
}
END_TEST

START_TEST(an_entry_that_is_not_in_the_journal_after_its_time_is_a_broken_promise)
{
	struct receipt_case c = {.mirror = folder};
	const struct utc day_after = {INT64_C(1704326400) * UTC_SECOND}; /* 2024-01-04 */

	begin();
	c.receipt = promise_of(90000, IN_TIME);
	ck_assert_int_eq(run(c), 3); /* the mirror's youngest entry is of that very time */
	says("the mirror is older");
	c.receipt = promise_of(90000, TOO_SOON);
	ck_assert_int_eq(run(c), 1);
	says("broke its word");
	c.receipt = promise_of(90000, TOMORROW);
	ck_assert_int_eq(run(c), 3);
	c.mirrored_at = day_after;
	ck_assert_int_eq(run(c), 1);
	c.receipt = promise_of(90000, "");
	ck_assert_int_eq(run(c), 3);
	finish();
}
END_TEST

START_TEST(a_promise_is_of_the_key_of_receipts_about_this_entry)
{
	struct receipt r;
	struct receipt_case c = {0};
	struct text good;
	char *copy;

	begin();
	good = promise_of(ONE, IN_TIME);
	for (size_t i = 19; i < good.len; i += 7) { /* behind the first line */
		copy = arena_copy(&arena, good.at, good.len);
		copy[i] ^= 1;
		c.receipt = text_span(copy, good.len);
		ck_assert_msg(run(c) == 1, "%zu: %s", i, said);
	}
	/* Signed by the log's key it is no receipt. */
	r = about(ONE, IN_TIME);
	ck_assert(disk_write(arena_printf(&arena, "%s/receipt", folder), good, false, &arena));
	c.receipt = good;
	c.keys = note_vkey(&arena, made.origin, made.key);
	ck_assert_int_eq(run(c), 3);
	says("left    receipt-signed");
	c.keys = (struct text){0};
	c.entry = mirror_make_entry(&arena, ONE);
	ck_assert_int_eq(run(c), 3);
	says("ok      receipt-entry");
	c.entry = mirror_make_entry(&arena, ONE + 1);
	ck_assert_int_eq(run(c), 1);
	says("FAILED  receipt-entry");
	c.entry = mirror_make_entry(&arena, ONE);
	copy = arena_copy(&arena, c.entry.at, c.entry.len);
	copy[c.entry.len - 2] = ']'; /* the same head, another payload */
	c.entry.at = copy;
	ck_assert_int_eq(run(c), 1);
	says("FAILED  receipt-entry");
	c.entry = mirror_make_entry(&arena, ONE);
	for (int i = 0; i < 3; i++) { /* the entry's leaf, and other words about it */
		r = about(ONE, IN_TIME);
		*(i == 0		 ? &r.kind
				: i == 1 ? &r.subject
					 : &r.at) = text_of(i < 2 ? "signup" : LONG_AGO);
		c.receipt = mirror_make_receipt(&arena, &r);
		ck_assert_int_eq(run(c), 1);
		says("FAILED  receipt-entry");
	}
	c.receipt = good;
	c.leaf = &r.leaf;
	ck_assert_int_eq(run(c), 3);
	r.leaf.at[0] ^= 1;
	ck_assert_int_eq(run(c), 1); /* who asked for another leaf got this */
	finish();
}
END_TEST

START_TEST(a_proof_is_of_an_entry)
{
	struct receipt_case c = {0};
	struct hash leaf;
	struct text good;

	begin();
	good = c.receipt = mirror_make_proof(&made, ONE);
	ck_assert_int_eq(run(c), 3);
	says("left    inclusion");
	c.entry = mirror_make_entry(&arena, ONE);
	ck_assert_int_eq(run(c), 0);
	says("proof of entry 300 under the checkpoint of size 700");
	says("ok      inclusion");
	c.entry = mirror_make_entry(&arena, ONE + 1);
	ck_assert_int_eq(run(c), 1);
	says("FAILED  inclusion");
	c.entry = (struct text){0};
	leaf = merkle_leaf(mirror_make_entry(&arena, ONE));
	c.leaf = &leaf;
	ck_assert_int_eq(run(c), 0);
	leaf.at[31] ^= 1;
	ck_assert_int_eq(run(c), 1);
	c.leaf = NULL;
	c.entry = mirror_make_entry(&arena, ONE);
	for (size_t i = 23; i < good.len; i += 7) {
		char *copy = arena_copy(&arena, good.at, good.len);

		copy[i] ^= 1;
		c.receipt = text_span(copy, good.len);
		ck_assert_msg(run(c) == 1, "%zu: %s", i, said);
	}
	finish();
}
END_TEST

START_TEST(a_proof_may_bring_its_entry)
{
	struct receipt_case c = {0};
	struct tlog_proof p;

	begin();
	for (uint64_t i = ONE; i < ONE + 2; i++) {
		struct text entry = mirror_make_entry(&arena, i);
		char *b64 = arena_alloc(&arena, B64_LEN(entry.len) + 1);

		b64_encode((const uint8_t *)entry.at, entry.len, b64);
		ck_assert(tlog_proof_parse(mirror_make_proof(&made, ONE), &p));
		p.extra = text_of(b64);
		c.receipt = tlog_proof_build(&arena, &p);
		ck_assert_int_eq(run(c), i == ONE ? 0 : 1);
		says(i == ONE ? "entry fairlot-entry/v1 bid auc_300" : "FAILED  inclusion");
	}
	finish();
}
END_TEST

START_TEST(a_proof_is_compared_with_the_mirror)
{
	struct receipt_case c = {.mirror = folder};
	struct hash other = merkle_leaf(text_of("other"));
	struct tlog_proof p = {0};

	begin();
	c.receipt = mirror_make_proof(&made, ONE);
	ck_assert_int_eq(run(c), 0);
	says("ok      entry-mirrored");
	says("ok      checkpoint-mirrored");
	/* The log's key signed another tree of the same size. */
	p.note = mirror_make_note(&arena, 1, other);
	c.receipt = tlog_proof_build(&arena, &p);
	c.entry = text_of("other");
	ck_assert_int_eq(run(c), 1);
	says("ok      inclusion");
	says("FAILED  entry-mirrored");
	says("FAILED  checkpoint-mirrored");
	/* A larger one than the mirror has. */
	p.note = mirror_make_note(&arena, SIZE + 1, other);
	c.receipt = tlog_proof_build(&arena, &p);
	c.entry = (struct text){0};
	ck_assert_int_eq(run(c), 1);
	says("left    checkpoint-mirrored");
	says("the mirror ends at 700 entries");
	p.index = SIZE;
	c.receipt = tlog_proof_build(&arena, &p);
	(void)run(c);
	says("left    entry-mirrored");
	finish();
}
END_TEST

START_TEST(a_mirror_of_another_log_or_a_damaged_one_proves_nothing)
{
	struct receipt_case c = {.mirror = folder};
	uint8_t key[SIGN_KEY_LEN] = {9};
	struct text vkey;

	begin();
	c.receipt = promise_of(ONE, IN_TIME);
	vkey = note_vkey(&arena, made.origin, key);
	c.keys = text_of(
		arena_printf(&arena, TEXT_FMT "\n" TEXT_FMT, TEXT_ARG(vkey), TEXT_ARG(keys)));
	ck_assert_int_eq(run(c), 1);
	says("FAILED  mirror");
	c.keys = keys;
	ck_assert_int_eq(run(c), 0);
	ck_assert(disk_write(
		arena_printf(&arena, "%s/tile/entries/001", folder), text_of("x"), false, &arena));
	ck_assert_int_eq(run(c), 1);
	says("FAILED  mirror");
	ck_assert_ptr_null(strstr(said, "promise-kept"));
	finish();
}
END_TEST

START_TEST(without_keys_nothing_is_judged)
{
	struct receipt_case c = {.keys = text_of("no key\n")};

	begin();
	c.receipt = promise_of(ONE, IN_TIME);
	ck_assert_int_eq(run(c), -1);
	c.keys = (struct text){0};
	c.mirror = "/nonexistent";
	ck_assert_int_eq(run(c), -1);
	ck_assert(receipt_is(c.receipt) && receipt_is(mirror_make_proof(&made, 1)));
	ck_assert(!receipt_is(text_of("fairlot-draw/v1\n")));
	finish();
}
END_TEST

SUITE(verify_receipt, a_promise_alone_is_signed_and_no_more,
	a_promise_is_kept_when_the_first_checkpoint_with_its_entry_is_old_enough,
	an_entry_that_is_not_in_the_journal_after_its_time_is_a_broken_promise,
	a_promise_is_of_the_key_of_receipts_about_this_entry, a_proof_is_of_an_entry,
	a_proof_may_bring_its_entry, a_proof_is_compared_with_the_mirror,
	a_mirror_of_another_log_or_a_damaged_one_proves_nothing, without_keys_nothing_is_judged)
