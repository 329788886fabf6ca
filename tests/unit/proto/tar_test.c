#include "proto/tar.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

START_TEST(a_file_has_a_head_and_fills_blocks)
{
	struct arena a;
	struct buf b;

	arena_init(&a, 1 << 20);
	buf_init(&b, &a, 64);
	tar_add(&b, text_of("attempt-1/freeze.txt"), text_of("abc"));
	tar_add(&b, text_of("empty"), text_of(""));
	tar_end(&b);
	ck_assert_uint_eq(b.len, 512 + 512 + 512 + 1024);
	ck_assert_str_eq(b.at, "attempt-1/freeze.txt");
	ck_assert_mem_eq(b.at + 124, "00000000003", 12);
	ck_assert_mem_eq(b.at + 257,
		"ustar\0"
		"00",
		8);
	ck_assert_mem_eq(b.at + 512, "abc", 4);
	ck_assert_str_eq(b.at + 1024, "empty");
	arena_reset(&a);
}
END_TEST

START_TEST(the_sum_counts_its_own_field_as_blanks)
{
	struct arena a;
	struct buf b;
	unsigned sum = 0;
	char want[8] = {0};

	arena_init(&a, 1 << 20);
	buf_init(&b, &a, 64);
	tar_add(&b, text_of("x"), text_of("y"));
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)b.at[i];
	for (int i = 5; i >= 0; i--, sum >>= 3)
		want[i] = (char)('0' + (sum & 7));
	ck_assert_mem_eq(b.at + 148, want, 6);
	ck_assert(b.at[154] == '\0' && b.at[155] == ' ');
	arena_reset(&a);
}
END_TEST

SUITE(tar, a_file_has_a_head_and_fills_blocks, the_sum_counts_its_own_field_as_blanks)
