/* What option log.witnesses may say. */
#include "daemon/cosigner.h"

#include <check.h>
#include <string.h>

#include "daemon/config.h"
#include "lib/base/arena.h"
#include "lib/ledger/proof.h"
#include "tests/support/suite.h"

static struct arena arena;

static const char *
refused(const char *option)
{
	struct config c = {.log_witnesses = option};
	static char why[200];

	why[0] = '\0';
	ck_assert_int_eq(cosigner_check(&c, why, sizeof why), why[0] == '\0');
	return why;
}

START_TEST(pairs_of_key_and_address_are_taken)
{
	const uint8_t key[SIGN_KEY_LEN] = {1};
	struct text vkey, note;
	struct buf many;

	arena_init(&arena, SIZE_MAX);
	vkey = cosigner_vkey(&arena, text_of("witness.example/one"), key);
	note = note_vkey(&arena, text_of("witness.example/one"), key);
	ck_assert_str_eq(refused(""), "");
	ck_assert_str_eq(refused(arena_printf(
				 &arena, " " TEXT_FMT "  https://w.example/p/ ", TEXT_ARG(vkey))),
		"");
	ck_assert_str_ne(refused(arena_printf(&arena, TEXT_FMT, TEXT_ARG(vkey))), "");
	ck_assert_str_ne(
		refused(arena_printf(&arena, TEXT_FMT " http://w.example", TEXT_ARG(vkey))), "");
	ck_assert_str_ne(
		refused(arena_printf(&arena, TEXT_FMT " file:///etc/passwd", TEXT_ARG(vkey))), "");
	/* The key of a log is no key of a witness. */
	ck_assert_str_ne(
		refused(arena_printf(&arena, TEXT_FMT " https://w.example", TEXT_ARG(note))), "");
	buf_init(&many, &arena, 1024);
	for (int i = 0; i <= COSIGNER_MAX; i++)
		buf_printf(&many, TEXT_FMT " https://w.example ", TEXT_ARG(vkey));
	buf_char(&many, '\0');
	ck_assert_ptr_nonnull(strstr(refused(many.at), "too many"));
	arena_reset(&arena);
}
END_TEST

SUITE(cosigner, pairs_of_key_and_address_are_taken)
