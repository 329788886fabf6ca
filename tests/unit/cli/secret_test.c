#include "cli/secret.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/contribution.h"
#include "tests/support/suite.h"

static struct arena arena;
static char root[64];

static void
start(void)
{
	arena_reset(&arena);
	arena_init(&arena, 1 << 22);
	(void)snprintf(root, sizeof root, "/tmp/fairlot-secret-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void
clean(void)
{
	static const char *const names[] = {"draws/prj_a.1", "draws/prj_a.1.freeze", "draws", ""};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)remove(arena_printf(&arena, "%s/%s", root, names[i]));
}

START_TEST(a_secret_is_made_once_and_kept_for_its_owner_alone)
{
	uint8_t first[SECRET_LEN], again[SECRET_LEN], read[SECRET_LEN];
	const char *err = NULL;
	struct stat st;

	start();
	ck_assert_int_eq(secret_read(root, "prj_a.1", &arena, read, &err), SECRET_ABSENT);
	ck_assert_msg(secret_make(root, "prj_a.1", &arena, first, &err), "%s", err);
	ck_assert(secret_make(root, "prj_a.1", &arena, again, &err));
	ck_assert_int_eq(secret_read(root, "prj_a.1", &arena, read, &err), SECRET_READ);
	ck_assert_mem_eq(first, again, SECRET_LEN);
	ck_assert_mem_eq(first, read, SECRET_LEN);
	ck_assert_int_eq(stat(arena_printf(&arena, "%s/draws/prj_a.1", root), &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, 65);
	clean();
}
END_TEST

START_TEST(a_damaged_secret_is_told_and_not_replaced)
{
	uint8_t secret[SECRET_LEN];
	const char *err = NULL, *path;

	start();
	path = arena_printf(&arena, "%s/draws/prj_a.1", root);
	ck_assert(file_keep(path, text_of("00\n"), &arena));
	ck_assert_int_eq(secret_read(root, "prj_a.1", &arena, secret, &err), SECRET_WRONG);
	ck_assert(!secret_make(root, "prj_a.1", &arena, secret, &err));
	ck_assert_ptr_nonnull(err);
	clean();
}
END_TEST

START_TEST(an_id_cannot_name_another_folder)
{
	static const char *const bad[] = {"../x", "a/b", ".x", "", "-x"};
	uint8_t secret[SECRET_LEN];
	const char *err = NULL;

	start();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert(!secret_make(root, bad[i], &arena, secret, &err));
	clean();
}
END_TEST

static const char *
freeze_of(const char *draw, const char *name, const struct hash *commitment)
{
	char hex[2 * HASH_LEN + 1];

	hex_encode(commitment->at, HASH_LEN, hex);
	return arena_printf(&arena,
		"fairlot-draw/v1\norigin example.org/journal\ndraw %s\nattempt 1\nprevious -\n"
		"notice c187b64430da239b43b8c01d55dc9e87b91ae00c2a4cebc554ea596420c2aba7\n"
		"rules c749a8af0ef1e00b9ccbf903cc466f694c04ba7f7e1cf0faa01cba6a90f8f425\n"
		"method fisher-yates\nwinners 2\n"
		"candidates 7 29983128af1e3a19efed11c25fd7d2cf715084695db0ae1a8f8d498c5f0b4f9b\n"
		"excluded 1 c0656097fcea0ebc12a9a59aaf8a7ba8593b3d4b3b2985df6d1cd047587cdc3b\n"
		"contributor 1 vrf-p256 operator "
		"0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\n"
		"contributor 2 commit %s %s\nclose 2026-08-31T18:43:15Z\n",
		draw, name, hex);
}

START_TEST(a_value_is_opened_only_to_a_freeze_that_binds_it)
{
	uint8_t secret[SECRET_LEN] = {1}, other[SECRET_LEN] = {2};
	const char *err = NULL;
	struct hash own, foreign, moved;

	start();
	own = commitment_of(text_of("prj_a.1"), text_of("owner"), secret);
	foreign = commitment_of(text_of("prj_a.1"), text_of("owner"), other);
	moved = commitment_of(text_of("prj_a.2"), text_of("owner"), secret);
	ck_assert_msg(secret_is_bound(text_of(freeze_of("prj_a.1", "owner", &own)), "prj_a.1",
			      secret, &arena, &err),
		"%s", err);
	ck_assert(!secret_is_bound(
		text_of(freeze_of("prj_a.1", "owner", &foreign)), "prj_a.1", secret, &arena, &err));
	ck_assert(!secret_is_bound(
		text_of(freeze_of("prj_a.1", "owner", &moved)), "prj_a.1", secret, &arena, &err));
	ck_assert(!secret_is_bound(
		text_of(freeze_of("prj_a.2", "owner", &own)), "prj_a.1", secret, &arena, &err));
	ck_assert(!secret_is_bound(text_of("fairlot-draw/v1\n"), "prj_a.1", secret, &arena, &err));
	clean();
}
END_TEST

START_TEST(a_second_freeze_of_one_draw_is_refused)
{
	const char *err = NULL;

	start();
	ck_assert(secret_keep_freeze(root, "prj_a.1", text_of("one\n"), &arena, &err));
	ck_assert(secret_keep_freeze(root, "prj_a.1", text_of("one\n"), &arena, &err));
	ck_assert(!secret_keep_freeze(root, "prj_a.1", text_of("two\n"), &arena, &err));
	ck_assert_ptr_nonnull(err);
	clean();
}
END_TEST

SUITE(secret, a_secret_is_made_once_and_kept_for_its_owner_alone,
	a_damaged_secret_is_told_and_not_replaced, an_id_cannot_name_another_folder,
	a_value_is_opened_only_to_a_freeze_that_binds_it, a_second_freeze_of_one_draw_is_refused)
