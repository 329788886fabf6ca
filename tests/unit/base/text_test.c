#include "lib/base/text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "tests/support/suite.h"

START_TEST(utf8_is_checked_by_rfc_3629)
{
	ck_assert(text_is_utf8(text_of("抽取 a")));
	ck_assert(!text_is_utf8(text_of("\xc0\x80")));
	ck_assert(!text_is_utf8(text_of("\xed\xa0\x80")));
	ck_assert(!text_is_utf8(text_of("\xf4\x90\x80\x80")));
	ck_assert(!text_is_utf8(text_of("\xe6\x8a")));
	ck_assert_uint_eq(text_points(text_of("抽取 a")), 4);
}
END_TEST

START_TEST(decimal_refuses_sign_leading_zero_and_overflow)
{
	uint64_t v = 7;

	ck_assert(text_u64(text_of("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
	ck_assert(!text_u64(text_of("18446744073709551616"), UINT64_MAX, &v));
	ck_assert(!text_u64(text_of("007"), UINT64_MAX, &v));
	ck_assert(!text_u64(text_of("+7"), UINT64_MAX, &v));
	ck_assert(!text_u64(text_of(""), UINT64_MAX, &v));
	ck_assert(!text_u64(text_of("11"), 10, &v));
	ck_assert_uint_eq(v, UINT64_MAX);
}
END_TEST

START_TEST(fields_are_cut_in_order)
{
	struct text rest = text_of("a b"), f;

	ck_assert(text_cut(&rest, ' ', &f) && text_is(f, "a"));
	ck_assert(text_cut(&rest, ' ', &f) && text_is(f, "b"));
	ck_assert(!text_cut(&rest, ' ', &f));
}
END_TEST

START_TEST(a_text_is_trimmed_at_both_ends_of_what_is_named)
{
	ck_assert(text_is(text_trim(text_of("\t a b \t"), " \t"), "a b"));
	ck_assert(text_is(text_trim(text_of("a\r"), " \t"), "a\r"));
	ck_assert(text_is(text_trim(text_of("a\r"), " \t\r"), "a"));
	ck_assert_uint_eq(text_trim(text_of(" \t "), " \t").len, 0);
	ck_assert_uint_eq(text_trim(text_of(""), " \t").len, 0);
	ck_assert_uint_eq(text_trim(text_span("\0a", 2), " \t").len, 2);
}
END_TEST

START_TEST(hex_is_read_in_either_case_and_decoded_in_lower_case_only)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t byte;

	for (int c = 0; c < 256; c++) {
		const char *at = c == 0 ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

		ck_assert_int_eq(hex_digit((char)c), at == NULL ? -1 : (int)(at - digits));
	}
	ck_assert(hex_decode(text_of("af"), &byte, 1));
	ck_assert_uint_eq(byte, 0xaf);
	ck_assert(!hex_decode(text_of("aF"), &byte, 1));
	ck_assert(!hex_decode(text_of("a"), &byte, 1));
	ck_assert(!hex_decode(text_of("ag"), &byte, 1));
}
END_TEST

START_TEST(arena_flags_its_limit_and_still_allocates)
{
	struct arena a;

	arena_init(&a, 100);
	ck_assert(arena_alloc(&a, 64) != NULL && !arena_over(&a));
	ck_assert(arena_alloc(&a, 100000) != NULL && arena_over(&a));
	ck_assert_str_eq(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	arena_reset(&a);
	ck_assert(!arena_over(&a));
}
END_TEST

START_TEST(hmac_matches_rfc_4231_case_with_32_byte_key)
{
	/* Our keys are always 32 bytes: a seed.  The answer was computed with `openssl dgst`. */
	uint8_t key[32] = {0}, want[32];
	struct text part = text_of("abc");
	struct hash h = hmac_of(key, &part, 1);

	ck_assert(hex_decode(
		text_of("fd7adb152c05ef80dccf50a1fa4c05d5a3ec6da95575fc312ae7c5d091836351"), want,
		32));
	ck_assert_mem_eq(h.at, want, 32);
}
END_TEST

START_TEST(every_failure_has_a_code_and_two_titles)
{
	for (int e = OK + 1; e < ERR_COUNT; e++) {
		const struct err_row *r = err_row((enum err)e);

		ck_assert_ptr_nonnull(r->code);
		ck_assert(text_is_utf8(text_of(r->title_zh)) && r->title_en[0] != '\0');
		if (r->sqlstate != NULL)
			ck_assert_int_eq(err_of_sqlstate(r->sqlstate), (enum err)e);
	}
	ck_assert_int_eq(err_of_sqlstate("XX000"), E_INTERNAL);
}
END_TEST

SUITE(text, utf8_is_checked_by_rfc_3629, decimal_refuses_sign_leading_zero_and_overflow,
	fields_are_cut_in_order, a_text_is_trimmed_at_both_ends_of_what_is_named,
	hex_is_read_in_either_case_and_decoded_in_lower_case_only,
	arena_flags_its_limit_and_still_allocates, hmac_matches_rfc_4231_case_with_32_byte_key,
	every_failure_has_a_code_and_two_titles)
