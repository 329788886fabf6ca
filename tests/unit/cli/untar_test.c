#include "cli/untar.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/folder.h"
#include "lib/base/arena.h"
#include "tests/support/suite.h"

static struct arena arena;
static struct buf tar;
static char root[64], folder[96];

static void
start(void)
{
	arena_reset(&arena);
	arena_init(&arena, 1 << 22);
	buf_init(&tar, &arena, 4096);
	(void)snprintf(root, sizeof root, "/tmp/fairlot-untar-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	(void)snprintf(folder, sizeof folder, "%s/out", root);
}

static void
seal(char *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	(void)snprintf(block + 148, 8, "%06o", sum);
}

static void
add(const char *name, char type, const char *bytes)
{
	char block[513] = {0};
	size_t len = strlen(bytes);

	(void)snprintf(block, 100, "%s", name);
	(void)snprintf(block + 124, 12, "%011o", (unsigned)len);
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	seal(block);
	buf_add(&tar, block, 512);
	buf_add(&tar, bytes, len);
	while (tar.len % 512 != 0)
		buf_char(&tar, '\0');
}

static void
end(void)
{
	for (int i = 0; i < 1024; i++)
		buf_char(&tar, '\0');
}

static bool
exists(const char *name)
{
	struct stat st;

	return lstat(arena_printf(&arena, "%s/%s", root, name), &st) == 0;
}

static void
clean(void)
{
	static const char *const names[] = {"out/attempt-1/freeze.txt", "out/attempt-1",
		"out/a.txt", "out/sub", "out", "outside"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)remove(arena_printf(&arena, "%s/%s", root, names[i]));
	ck_assert_int_eq(rmdir(root), 0);
}

START_TEST(files_and_folders_are_written)
{
	const char *err = NULL;
	struct text bytes;

	start();
	add("attempt-1/", '5', "");
	add("attempt-1/freeze.txt", '0', "fairlot-draw/v1\n");
	add("a.txt", '\0', "");
	end();
	ck_assert_msg(untar(buf_text(&tar), folder, &arena, &err), "%s", err);
	ck_assert(file_read(
		arena_printf(&arena, "%s/attempt-1/freeze.txt", folder), 1000, &arena, &bytes));
	ck_assert(text_is(bytes, "fairlot-draw/v1\n"));
	ck_assert(exists("out/a.txt"));
	clean();
}
END_TEST

START_TEST(an_unsafe_name_keeps_everything_from_being_written)
{
	static const char *const names[] = {"../outside", "/tmp/outside", "a/../../outside",
		".hidden", "a//b", "a/", "b/.", "a\\b", "a b", "a/./b", "a\nb", "1/2/3/4"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *err = NULL;

		start();
		add("a.txt", '0', "x");
		add(names[i], '0', "x");
		end();
		ck_assert_msg(!untar(buf_text(&tar), folder, &arena, &err), "%s", names[i]);
		ck_assert_ptr_nonnull(err);
		ck_assert(!exists("out"));
		ck_assert(!exists("outside"));
		clean();
	}
}
END_TEST

START_TEST(what_is_no_plain_file_is_passed_over)
{
	/* Hard link, symbolic link, device, FIFO, GNU long name, pax header. */
	static const char types[] = {'1', '2', '3', '4', '6', 'L', 'x', 'g'};

	for (size_t i = 0; i < sizeof types; i++) {
		const char *err = NULL;

		start();
		add("link", types[i], "");
		add("a.txt", '0', "");
		end();
		ck_assert_msg(untar(buf_text(&tar), folder, &arena, &err), "%s", err);
		ck_assert(exists("out/a.txt") && !exists("out/link"));
		clean();
	}
}
END_TEST

START_TEST(a_damaged_archive_is_refused)
{
	const char *err = NULL;

	start();
	add("a.txt", '0', "hello");
	end();
	tar.at[0] = 'b'; /* the sum is of another name */
	ck_assert(!untar(buf_text(&tar), folder, &arena, &err));
	tar.at[0] = 'a';
	for (size_t len = 0; len < 1024; len += 64) /* without its end */
		ck_assert(!untar(text_span(tar.at, len), folder, &arena, &err));
	memcpy(tar.at + 124, "77777777777", 12); /* 8 GiB that are not there */
	seal(tar.at);
	ck_assert(!untar(buf_text(&tar), folder, &arena, &err));
	for (const char *none = " \0", *c = none; c < none + 2; c++) {
		memset(tar.at + 124, *c, 12); /* no size is not 0 */
		memset(tar.at + 512, '\0', 512);
		seal(tar.at);
		ck_assert(!untar(buf_text(&tar), folder, &arena, &err));
	}
	ck_assert(!untar(text_span(tar.at + 1024, tar.len - 1024), folder, &arena, &err));
	ck_assert(!exists("out"));
	clean();
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	const char *err = NULL;

	start();
	add("a.txt", '0', "one");
	add("a.txt", '0', "two");
	end();
	ck_assert(!untar(buf_text(&tar), folder, &arena, &err));
	ck_assert(exists("out"));
	ck_assert(!untar(buf_text(&tar), folder, &arena, &err)); /* the folder is there */
	clean();
}
END_TEST

START_TEST(more_files_than_a_transcript_may_have_are_not_written)
{
	const char *err = NULL;

	start();
	for (int i = 0; i <= FOLDER_FILES_MAX; i++)
		add(arena_printf(&arena, "f%d", i), '0', "");
	end();
	ck_assert(!untar(buf_text(&tar), folder, &arena, &err));
	ck_assert_str_eq(err, "the tar holds too much");
	ck_assert(!exists("out"));
	clean();
}
END_TEST

SUITE(untar, files_and_folders_are_written, an_unsafe_name_keeps_everything_from_being_written,
	what_is_no_plain_file_is_passed_over, a_damaged_archive_is_refused, nothing_is_overwritten,
	more_files_than_a_transcript_may_have_are_not_written)
