#include "lib/ident/uscc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

static const char *const good[] = {"91350100M000100Y43", "91330100799655058B", "9144030071526726XG",
	"914403001922038216", "91110000802100433B"};

enum {
	GOOD = sizeof good / sizeof good[0]
};

START_TEST(published_codes_are_whole)
{
	for (size_t i = 0; i < GOOD; i++)
		ck_assert_msg(uscc_check(text_of(good[i])) == USCC_OK, "%s", good[i]);
}
END_TEST

START_TEST(a_code_is_completed_to_itself)
{
	for (size_t i = 0; i < GOOD; i++) {
		char check = '\0', org = '\0';

		ck_assert(uscc_complete(text_span(good[i], 17), &check));
		ck_assert_int_eq(check, good[i][17]);
		ck_assert(uscc_org_complete(text_span(good[i] + 8, 8), &org));
		ck_assert_int_eq(org, good[i][16]);
	}
}
END_TEST

/* 31 is prime and no weight is 0, so no change of one character keeps the sum. */
START_TEST(any_one_changed_character_is_found)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

	for (size_t i = 0; i < 18; i++)
		for (const char *c = alphabet; *c != '\0'; c++) {
			char code[19];

			memcpy(code, good[0], sizeof code);
			if (code[i] == *c)
				continue;
			code[i] = *c;
			ck_assert_int_eq(uscc_check(text_of(code)),
				i >= 2 && i < 8 && *c > '9' ? USCC_BAD_FORM : USCC_BAD_CHECK);
		}
}
END_TEST

/* A sum that is a multiple of 31 has check character 0. */
START_TEST(the_last_modulus_gives_a_zero)
{
	char check = '\0';

	ck_assert(uscc_complete(text_of("00000000000000000"), &check));
	ck_assert_int_eq(check, '0');
}
END_TEST

START_TEST(what_has_not_the_form_is_told_apart_from_a_wrong_check)
{
	static const char *const bad[] = {
		"",
		"91350100M000100Y4",
		"91350100M000100Y433",
		"91350100m000100y43",
		"9135010AM000100Y43",
		"91350100I000100Y43",
		"91350100M000100Y4Z",
		"91350100M000100Y4 ",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(uscc_check(text_of(bad[i])) == USCC_BAD_FORM, "%s", bad[i]);
	ck_assert_int_eq(uscc_check(text_span("91350100M000100Y4\0", 18)), USCC_BAD_FORM);
	ck_assert_int_eq(uscc_check(text_of("91350100M000100Y4X")), USCC_BAD_CHECK);
}
END_TEST

START_TEST(a_wrong_inner_check_only_warns)
{
	char code[19] = "91350100M000100Y5?", check = '\0';

	ck_assert(uscc_complete(text_span(code, 17), &check));
	code[17] = check;
	ck_assert_int_eq(uscc_check(text_of(code)), USCC_WARN_ORG);
}
END_TEST

START_TEST(the_inner_check_may_be_x_or_0)
{
	char check = '\0';

	ck_assert(uscc_org_complete(text_of("71526726"), &check));
	ck_assert_int_eq(check, 'X');
	ck_assert(uscc_org_complete(text_of("00000000"), &check)); /* 11 - 0 is written 0 */
	ck_assert_int_eq(check, '0');
	ck_assert(!uscc_org_complete(text_of("7152672"), &check));
	ck_assert(!uscc_org_complete(text_of("7152672-"), &check));
}
END_TEST

SUITE(uscc, published_codes_are_whole, a_code_is_completed_to_itself,
	any_one_changed_character_is_found, the_last_modulus_gives_a_zero,
	what_has_not_the_form_is_told_apart_from_a_wrong_check, a_wrong_inner_check_only_warns,
	the_inner_check_may_be_x_or_0)
