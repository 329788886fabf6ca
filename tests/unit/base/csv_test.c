#include "lib/base/csv.h"

#include <check.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

static struct arena arena;

static struct csv
parsed(const char *bytes)
{
	struct csv table = {0};
	const char *why = "";
	size_t line = 0;

	arena_init(&arena, 65536);
	ck_assert_msg(
		csv_parse(text_of(bytes), &arena, &table, &line, &why) == OK, "%zu: %s", line, why);
	return table;
}

START_TEST(records_come_field_by_field)
{
	struct csv t = parsed("code,name\nC01,工程测绘\r\nC02,\n");

	ck_assert_uint_eq(t.columns, 2);
	ck_assert_uint_eq(t.rows, 3);
	ck_assert(text_is(csv_at(&t, 0, 1), "name"));
	ck_assert(text_is(csv_at(&t, 1, 1), "工程测绘"));
	ck_assert(text_is(csv_at(&t, 2, 1), ""));
	ck_assert_uint_eq(t.line[2], 3);
	arena_reset(&arena);
}
END_TEST

START_TEST(quotes_hold_commas_line_ends_and_doubled_quotes)
{
	struct csv t = parsed("a,b\n\"x,\"\"y\"\"\n\",\"\"\n\"\"\"\",2\n");

	ck_assert(text_is(csv_at(&t, 1, 0), "x,\"y\"\n"));
	ck_assert(text_is(csv_at(&t, 1, 1), ""));
	ck_assert(text_is(csv_at(&t, 2, 0), "\""));
	ck_assert_uint_eq(t.line[2], 4);
	arena_reset(&arena);
}
END_TEST

START_TEST(what_rfc_4180_does_not_have_is_refused_with_its_line)
{
	static const struct {
		const char *bytes;
		size_t line;
	} cases[] = {
		{"", 1},
		{"a,b", 1},
		{"a,b\n1,2", 2},
		{"a,b\n1\n", 2},
		{"a,b\n1,2\n1,2,3\n", 3},
		{"a,b\n\n", 2},
		{"a\"b\n", 1},
		{"a\n\"b\n", 3},
		{"a\n\"b\"c\n", 2},
		{"a\rb\n", 1},
		{"a\n\tb\n", 2},
		{"\xef\xbb\xbfname\n", 1},
		{"a\n\xff\n", 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csv table;
		const char *why = NULL;
		size_t line = 0;

		arena_init(&arena, 65536);
		ck_assert_msg(csv_parse(text_of(cases[i].bytes), &arena, &table, &line, &why) ==
				E_BAD_INPUT,
			"case %zu passes", i);
		ck_assert_uint_eq(line, cases[i].line);
		ck_assert_ptr_nonnull(why);
		arena_reset(&arena);
	}
}
END_TEST

SUITE(csv, records_come_field_by_field, quotes_hold_commas_line_ends_and_doubled_quotes,
	what_rfc_4180_does_not_have_is_refused_with_its_line)
