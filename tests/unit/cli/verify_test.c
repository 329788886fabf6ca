#include "cli/verify.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/transcript.h"

static struct arena arena;
static struct transcript whole;

static void
begin(void)
{
	arena_init(&arena, 1 << 26);
	transcript_make(&arena, &whole);
}

/* Adds one file to a ustar archive. */
static void
tar_add(struct buf *b, const char *name, struct text bytes, char type)
{
	static const char zero[512];
	char head[512] = {0};
	unsigned sum = 0;

	(void)snprintf(head, 100, "%s", name);
	(void)snprintf(head + 100, 8, "%07o", 0644);
	(void)snprintf(head + 124, 12, "%011zo", bytes.len);
	memset(head + 148, ' ', 8);
	head[156] = type;
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof head; i++)
		sum += (unsigned char)head[i];
	(void)snprintf(head + 148, 8, "%06o", sum);
	buf_add(b, head, sizeof head);
	buf_add(b, bytes.at, bytes.len);
	buf_add(b, zero, (512 - bytes.len % 512) % 512);
}

static struct text
tar_of(const struct transcript *t, const char *top)
{
	static const char zero[1024];
	struct buf b;

	buf_init(&b, &arena, 1 << 16);
	for (size_t i = 0; i < t->count; i++)
		tar_add(&b, arena_printf(&arena, "%s" TEXT_FMT, top, TEXT_ARG(t->files[i].name)),
			t->files[i].bytes, '0');
	buf_add(&b, zero, sizeof zero);
	return buf_text(&b);
}

static int
run(const struct folder *folder, bool chinese, const char **ret_out)
{
	const struct verify_options options = {.draw_only = true};
	const struct verify_style style = {.chinese = chinese};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status = verify_folder(&arena, folder, &options, &style, out);

	(void)fclose(out);
	*ret_out = arena_str(&arena, text, len);
	free(text);
	return status;
}

START_TEST(a_tar_is_verified_and_reported_in_both_languages)
{
	static const char *const tops[] = {"", "./", "prj-demo.1/"};
	const char *out, *fault = NULL;
	struct folder folder;

	begin();
	for (size_t i = 0; i < 3; i++) {
		ck_assert(folder_of_tar(&arena, tar_of(&whole, tops[i]), &folder, &fault));
		ck_assert_uint_eq(folder.count, whole.count);
		ck_assert_int_eq(run(&folder, false, &out), 0);
		ck_assert_ptr_nonnull(strstr(out, "winners agency-"));
		ck_assert_ptr_nonnull(strstr(out, "level L2"));
		ck_assert_ptr_nonnull(strstr(out, "left    key-age"));
		ck_assert_int_eq(run(&folder, true, &out), 0);
		ck_assert_ptr_nonnull(strstr(out, "等级 L2"));
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(a_level_names_the_witnesses_it_depends_on_and_those_that_are_spent)
{
	const char *out, *fault = NULL;
	struct folder folder;

	begin();
	ck_assert(folder_of_tar(&arena, tar_of(&whole, ""), &folder, &fault));
	ck_assert_int_eq(run(&folder, false, &out), 0);
	ck_assert_ptr_nonnull(strstr(out,
		"as long as one of these witnesses is independent: auditor-2\n"
		"reserve: attempt 1 is void since auditor-1 is said to have stalled; that it did "
		"not give its value only this witness can say: ask it (its public folder)\n"
		"verdict: "));
	ck_assert_int_eq(run(&folder, true, &out), 0);
	ck_assert_ptr_nonnull(strstr(out,
		"只要以下见证方中有一个独立：auditor-2\n"
		"保留：第 1 次抽取作废，据称见证方 auditor-1 停滞；"));
	arena_reset(&arena);
}
END_TEST

START_TEST(a_failed_check_is_named_with_its_place)
{
	const char *out, *fault = NULL;
	struct folder folder;

	begin();
	transcript_edit(&arena, &whole, "attempt-2/candidates.txt", "agency-3 1", "agency-3 0");
	ck_assert(folder_of_tar(&arena, tar_of(&whole, ""), &folder, &fault));
	ck_assert_int_eq(run(&folder, false, &out), 1);
	ck_assert_ptr_nonnull(strstr(out, "FAILED  weight-zero"));
	ck_assert_ptr_nonnull(strstr(out, "candidates.txt:3"));
	ck_assert_ptr_nonnull(strstr(out, "verdict: FAILED"));
	ck_assert_ptr_null(strstr(out, "winners agency"));
	arena_reset(&arena);
}
END_TEST

START_TEST(a_tar_that_is_cut_or_changed_in_its_heads_is_refused)
{
	struct folder folder;
	const char *fault = NULL;
	struct text tar;
	char *copy;

	begin();
	tar = tar_of(&whole, "");
	for (size_t len = 0; len + 1024 < tar.len; len += 509)
		ck_assert(!folder_of_tar(&arena, text_span(tar.at, len), &folder, &fault));
	copy = arena_copy(&arena, tar.at, tar.len);
	copy[124] = '7'; /* a size beyond the archive */
	ck_assert(!folder_of_tar(&arena, text_span(copy, tar.len), &folder, &fault));
	ck_assert_str_eq(fault, "not a sound tar");
	ck_assert(!folder_of_tar(&arena, text_of(""), &folder, &fault));
	arena_reset(&arena);
}
END_TEST

START_TEST(the_draw_is_that_of_an_attempt_and_of_no_other_file)
{
	struct verify_file files[] = {{text_of("my-freeze.txt"), text_of("draw a.1\n")},
		{text_of("old/freeze.txt"), text_of("draw b.1\n")},
		{text_of("attempt-0/freeze.txt"), text_of("draw c.1\n")},
		{text_of("freeze.txt"), text_of("draw d.1\n")},
		{text_of("attempt-1/old/freeze.txt"), text_of("draw e.1\n")},
		{text_of("attempt-2/freeze.txt"), text_of("x\ndraw f.1\n")}};
	const char *const draws[] = {"", "", "", "", "d.1", "d.1", "f.1"};

	for (size_t n = 0; n <= sizeof files / sizeof files[0]; n++) {
		const struct folder folder = {.files = files, .count = n};

		ck_assert_msg(text_is(verify_draw_of(&folder), draws[n]), "%zu", n);
	}
}
END_TEST

static void
write_file(const char *path, struct text bytes)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes.at, 1, bytes.len, f), bytes.len);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_folder_on_the_disk_and_its_tar_give_the_same_files)
{
	char root[] = "/tmp/fairlot-verify-XXXXXX";
	struct folder folder, again;
	const char *out, *fault = NULL;

	begin();
	ck_assert_ptr_nonnull(mkdtemp(root));
	for (size_t i = 0; i < whole.count; i++) {
		const char *path =
			arena_printf(&arena, "%s/" TEXT_FMT, root, TEXT_ARG(whole.files[i].name));
		const char *dir = arena_str(&arena, path, (size_t)(strrchr(path, '/') - path));

		ck_assert(mkdir(dir, 0700) == 0 || errno == EEXIST);
		write_file(path, whole.files[i].bytes);
	}
	ck_assert(folder_read(&arena, root, &folder, &fault));
	ck_assert_uint_eq(folder.count, whole.count);
	ck_assert_int_eq(run(&folder, false, &out), 0);
	write_file(arena_printf(&arena, "%s/t.tar", root), tar_of(&whole, ""));
	ck_assert(folder_read(&arena, arena_printf(&arena, "%s/t.tar", root), &again, &fault));
	ck_assert_int_eq(run(&again, false, &out), 0);
	ck_assert(!folder_read(&arena, arena_printf(&arena, "%s/none", root), &again, &fault));
	for (size_t i = 0; i < whole.count; i++)
		(void)unlink(
			arena_printf(&arena, "%s/" TEXT_FMT, root, TEXT_ARG(whole.files[i].name)));
	(void)unlink(arena_printf(&arena, "%s/t.tar", root));
	(void)rmdir(arena_printf(&arena, "%s/attempt-1", root));
	(void)rmdir(arena_printf(&arena, "%s/attempt-2", root));
	ck_assert_int_eq(rmdir(root), 0);
	arena_reset(&arena);
}
END_TEST

SUITE(verify, the_draw_is_that_of_an_attempt_and_of_no_other_file,
	a_tar_is_verified_and_reported_in_both_languages,
	a_level_names_the_witnesses_it_depends_on_and_those_that_are_spent,
	a_failed_check_is_named_with_its_place,
	a_tar_that_is_cut_or_changed_in_its_heads_is_refused,
	a_folder_on_the_disk_and_its_tar_give_the_same_files)
