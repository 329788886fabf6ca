#include "lib/ident/key.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/suite.h"

static const char known[] = "flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";

START_TEST(the_known_answer_holds)
{
	char key[KEY_LEN + 1];

	ck_assert(key_complete(text_of("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), key));
	ck_assert_str_eq(key, known);
	ck_assert(key_is_whole(text_of(known)));
}
END_TEST

START_TEST(any_one_changed_character_breaks_a_key)
{
	for (size_t i = 0; i < KEY_LEN; i++) {
		char key[KEY_LEN + 1];

		memcpy(key, known, sizeof key);
		key[i] = key[i] == 'a' ? 'b' : 'a';
		ck_assert_msg(!key_is_whole(text_of(key)), "%s", key);
	}
}
END_TEST

START_TEST(other_lengths_and_characters_are_no_key)
{
	char key[KEY_LEN + 1] = "unchanged";

	ck_assert(!key_is_whole(text_of("")));
	ck_assert(!key_is_whole(text_span(known, KEY_LEN - 1)));
	ck_assert(!key_is_whole(text_of("flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq177")));
	ck_assert(!key_complete(text_of("zQWBuTSOoRi4A9spHcVY5ncnsDkxk"), key));
	ck_assert(!key_complete(text_of("zQWBuTSOoRi4A9spHcVY5ncnsDkxk-"), key));
	ck_assert(!key_complete(text_span("zQWBuTSOoRi4A9spHcVY5ncnsDkxk\0", 30), key));
	ck_assert_str_eq(key, "unchanged");
}
END_TEST

START_TEST(random_bytes_above_247_are_passed_over)
{
	uint8_t random[KEY_RANDOM_LEN];
	char key[KEY_LEN + 1], same[KEY_LEN + 1];

	memset(random, 255, sizeof random);
	for (int i = 0; i < 29; i++)
		random[i] = (uint8_t)(i + 62);
	ck_assert(!key_of_random(random, key));
	random[63] = 247;
	ck_assert(key_of_random(random, key));
	ck_assert(key_is_whole(text_of(key)));
	ck_assert_mem_eq(key, "flk_0123456789ABCDEFGHIJKLMNOPQRSz", 34);
	random[62] = 61;
	random[63] = 248;
	ck_assert(key_of_random(random, same));
	ck_assert_str_eq(key, same);
}
END_TEST

SUITE(key, the_known_answer_holds, any_one_changed_character_breaks_a_key,
	other_lengths_and_characters_are_no_key, random_bytes_above_247_are_passed_over)
