#include "proto/shape.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "proto/json_scan.h"
#include "proto/op.h"
#include "tests/support/suite.h"

#define FIELDS(...) \
	(const struct shape_field[]) \
	{ \
		__VA_ARGS__ \
	}

static const struct shape inner = {"inner",
	FIELDS({"a/b", SHAPE_INT, 1, 9, SHAPE_REQUIRED, NULL, NULL, ""},
		{"c~d", SHAPE_BOOL, 0, 1, SHAPE_OPTIONAL, NULL, NULL, ""}),
	2, ""};

static const struct shape outer = {"outer",
	FIELDS({"title", SHAPE_TEXT, 1, 3, SHAPE_REQUIRED, NULL, NULL, ""},
		{"id", SHAPE_ID, 1, 64, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"mode", SHAPE_CHOICE, 0, 0, SHAPE_OPTIONAL, "draw|pick", NULL, ""},
		{"hash", SHAPE_HEX, 2, 2, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"at", SHAPE_TIME, 0, 0, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"day", SHAPE_DATE, 0, 0, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"count", SHAPE_INT, -5, 10, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"price_fen", SHAPE_FEN, 0, 9007199254740991, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"yes", SHAPE_BOOL, 0, 1, SHAPE_REQUIRED | SHAPE_NULL, NULL, NULL, ""},
		{"list", SHAPE_LIST, 1, 2, SHAPE_OPTIONAL, NULL, &inner, ""},
		{"tags", SHAPE_TEXTS, 2, 2, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"one", SHAPE_OBJECT, 0, 0, SHAPE_OPTIONAL, NULL, &inner, ""},
		{"text", SHAPE_TEXT, 1, SHAPE_LINE_MAX + 1, SHAPE_OPTIONAL, NULL, NULL, ""}),
	13, ""};

static struct arena arena;
static struct shape_faults faults;

/* "pointer code; …" of a body, "" when it is fine. */
static const char *
verdict(const char *body)
{
	struct json_object *json = NULL;
	struct scan_fault fault;
	struct buf b;
	enum err e;

	ck_assert_int_eq(scan_parse(text_of(body), &arena, &json, &fault), OK);
	e = shape_check(&outer, json, &arena, &faults);
	ck_assert_int_eq(e, faults.count == 0 ? OK : E_BAD_INPUT);
	buf_init(&b, &arena, 64);
	for (size_t i = 0; i < faults.count; i++) {
		ck_assert(text_is_utf8(text_of(faults.at[i].detail_zh)));
		ck_assert_str_ne(faults.at[i].detail_en, "");
		buf_printf(
			&b, "%s%s %s", i > 0 ? "; " : "", faults.at[i].pointer, faults.at[i].code);
	}
	buf_char(&b, '\0');
	return b.at;
}

/* The verdict on one more member of an otherwise right body. */
static const char *
with(const char *member)
{
	return verdict(arena_printf(&arena, "{\"title\":\"t\",\"yes\":true,%s}", member));
}

START_TEST(members_are_all_known_and_none_is_missing)
{
	arena_init(&arena, 1 << 30);
	ck_assert_str_eq(verdict("{\"title\":\"t\",\"yes\":true}"), "");
	ck_assert_str_eq(verdict("{\"title\":\"t\",\"yes\":null}"), "");
	ck_assert_str_eq(verdict("{}"), "/title required; /yes required");
	ck_assert_str_eq(
		verdict("{\"yes\":true,\"Title\":\"t\"}"), "/Title unknown; /title required");
	ck_assert_str_eq(verdict("{\"title\":null,\"yes\":true}"), "/title type");
	ck_assert_str_eq(with("\"x/y~z\":1"), "/x~1y~0z unknown");
	ck_assert_str_eq(with("\"\":1"), "/ unknown");
	ck_assert_str_eq(verdict("[]"), " type");
	ck_assert_str_eq(verdict("7"), " type");
	ck_assert_int_eq(shape_check(&outer, NULL, &arena, &faults), E_BAD_INPUT);
	ck_assert_uint_eq(faults.count, 2);
	ck_assert_int_eq(shape_check(&shape_none, NULL, &arena, &faults), OK);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_long_unknown_name_is_not_repeated)
{
	char member[200];

	arena_init(&arena, 1 << 30);
	memset(member, 'x', sizeof member);
	ck_assert_str_eq(with(arena_printf(&arena, "\"%.*s\":1", 65, member)), " unknown");
	ck_assert(strstr(with(arena_printf(&arena, "\"%.*s\":1", 64, member)), "xxx unknown") !=
		NULL);
	arena_reset(&arena);
}
END_TEST

START_TEST(line_has_no_control_character_and_more_than_blanks)
{
	static const char *const bad[] = {
		" ", "\\u3000", " \\u00a0", "\\n", "a\\nb", "a\\tb", "a\\r", "\\u001f", "a\\u007f"};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_str_eq(
			verdict(arena_printf(&arena, "{\"title\":\"%s\",\"yes\":true}", bad[i])),
			"/title format");
	ck_assert_str_eq(verdict("{\"title\":\" a\\u3000\",\"yes\":true}"), "");
	arena_reset(&arena);
}
END_TEST

START_TEST(long_text_has_lines_and_tabs_and_no_other_control_character)
{
	static const char *const bad[] = {
		"a\\u0001", "a\\r\\nb", "a\\u000b", "a\\u001b", "a\\u007f", "\\n\\t"};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_str_eq(verdict(arena_printf(&arena,
					 "{\"title\":\"a\",\"yes\":true,\"text\":\"%s\"}", bad[i])),
			"/text format");
	ck_assert_str_eq(verdict("{\"title\":\"a\",\"yes\":true,\"text\":\"a\\nb\\tc\\n\"}"), "");
	arena_reset(&arena);
}
END_TEST

START_TEST(text_is_counted_in_code_points)
{
	arena_init(&arena, 1 << 30);
	ck_assert_str_eq(verdict("{\"title\":\"抽取𝄞\",\"yes\":true}"), "");
	ck_assert_str_eq(verdict("{\"title\":\"抽取人人\",\"yes\":true}"), "/title length");
	ck_assert_str_eq(verdict("{\"title\":\"\",\"yes\":true}"), "/title length");
	ck_assert_str_eq(verdict("{\"title\":5,\"yes\":true}"), "/title type");
	arena_reset(&arena);
}
END_TEST

START_TEST(u_0000_is_refused_even_if_a_parser_let_it_through)
{
	struct json_object *json = json_object_new_object();

	arena_init(&arena, 1 << 30);
	json_object_object_add(json, "title", json_object_new_string_len("a\0b", 3));
	json_object_object_add(json, "yes", json_object_new_boolean(true));
	ck_assert_int_eq(shape_check(&outer, json, &arena, &faults), E_BAD_INPUT);
	ck_assert_str_eq(faults.at[0].code, "format");
	json_object_put(json);
	arena_reset(&arena);
}
END_TEST

START_TEST(integers_have_no_fraction_and_keep_their_range)
{
	static const struct {
		const char *member, *want;
	} cases[] = {{"\"count\":-5", ""}, {"\"count\":10", ""}, {"\"count\":-6", "/count range"},
		{"\"count\":11", "/count range"}, {"\"count\":1.0", "/count type"},
		{"\"count\":1e1", "/count type"}, {"\"count\":\"1\"", "/count type"},
		{"\"count\":true", "/count type"}, {"\"price_fen\":9007199254740991", ""},
		{"\"price_fen\":9007199254740992", "/price_fen range"},
		{"\"price_fen\":18446744073709551616", "/price_fen range"},
		{"\"price_fen\":-1", "/price_fen range"}, {"\"price_fen\":0.5", "/price_fen type"},
		{"\"price_fen\":-99999999999999999999", "/price_fen range"}};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_str_eq(with(cases[i].member), cases[i].want);
	arena_reset(&arena);
}
END_TEST

START_TEST(strings_have_the_form_of_their_type)
{
	static const struct {
		const char *member, *want;
	} cases[] = {{"\"id\":\"prj_a.1-x\"", ""}, {"\"id\":\"\"", "/id format"},
		{"\"id\":\"-a\"", "/id format"}, {"\"id\":\"a b\"", "/id format"},
		{"\"id\":\"中\"", "/id format"}, {"\"mode\":\"pick\"", ""},
		{"\"mode\":\"draw|pick\"", "/mode choice"}, {"\"mode\":\"\"", "/mode choice"},
		{"\"mode\":\"pic\"", "/mode choice"}, {"\"hash\":\"09af\"", ""},
		{"\"hash\":\"09aF\"", "/hash format"}, {"\"hash\":\"09a\"", "/hash format"},
		{"\"hash\":\"09afa\"", "/hash format"}, {"\"at\":\"2024-02-29T23:59:59Z\"", ""},
		{"\"at\":\"2024-02-29T23:59:59.123456Z\"", ""},
		{"\"at\":\"2024-02-29T23:59:59.1234567Z\"", "/at format"},
		{"\"at\":\"2024-02-29T23:59:59.Z\"", "/at format"},
		{"\"at\":\"2023-02-29T23:59:59Z\"", "/at format"},
		{"\"at\":\"2024-02-29T24:00:00Z\"", "/at format"},
		{"\"at\":\"2024-02-29T23:59:60Z\"", "/at format"},
		{"\"at\":\"2024-02-29T23:59:59+00:00\"", "/at format"},
		{"\"at\":\"2024-02-29t23:59:59z\"", "/at format"},
		{"\"at\":\"2024-02-29 23:59:59Z\"", "/at format"},
		{"\"at\":\"2024-02-29T23:59:59Zx\"", "/at format"}, {"\"day\":\"2000-02-29\"", ""},
		{"\"day\":\"1900-02-29\"", "/day format"},
		{"\"day\":\"2024-13-01\"", "/day format"},
		{"\"day\":\"2024-00-01\"", "/day format"},
		{"\"day\":\"2024-04-31\"", "/day format"},
		{"\"day\":\"0999-04-30\"", "/day format"},
		{"\"day\":\"3000-04-30\"", "/day format"}, {"\"day\":\"2024-4-30\"", "/day format"},
		{"\"day\":\"2024-04-30T\"", "/day format"}};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(strcmp(with(cases[i].member), cases[i].want) == 0, "%s: %s",
			cases[i].member, with(cases[i].member));
	arena_reset(&arena);
}
END_TEST

START_TEST(lists_and_objects_are_checked_inside)
{
	static const struct {
		const char *member, *want;
	} cases[] = {{"\"list\":[{\"a/b\":1},{\"a/b\":9,\"c~d\":false}]", ""},
		{"\"list\":[]", "/list length"},
		{"\"list\":[{\"a/b\":1},{\"a/b\":1},{\"a/b\":1}]", "/list length"},
		{"\"list\":[{\"a/b\":1},{\"a/b\":0}]", "/list/1/a~1b range"},
		{"\"list\":[7]", "/list/0 type"}, {"\"list\":[null]", "/list/0 type"},
		{"\"list\":{}", "/list type"}, {"\"list\":[{}]", "/list/0/a~1b required"},
		{"\"one\":{\"a/b\":1,\"c~d\":7}", "/one/c~0d type"},
		{"\"one\":{\"a/b\":1,\"e\":7}", "/one/e unknown"}, {"\"one\":[]", "/one type"},
		{"\"one\":null", "/one type"}, {"\"tags\":[]", ""},
		{"\"tags\":[\"ab\",\"中\"]", ""}, {"\"tags\":[\"a\",\"b\",\"c\"]", "/tags length"},
		{"\"tags\":[\"abc\",\"\"]", "/tags/0 length; /tags/1 length"},
		{"\"tags\":[1]", "/tags/0 type"}};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_str_eq(with(cases[i].member), cases[i].want);
	arena_reset(&arena);
}
END_TEST

START_TEST(faults_are_reported_up_to_their_limit)
{
	struct buf b;

	arena_init(&arena, 1 << 30);
	buf_init(&b, &arena, 64);
	for (int i = 0; i < SHAPE_FAULTS_MAX + 5; i++)
		buf_printf(&b, "%s\"x%d\":1", i > 0 ? "," : "", i);
	buf_char(&b, '\0');
	(void)with(b.at);
	ck_assert_uint_eq(faults.count, SHAPE_FAULTS_MAX);
	arena_reset(&arena);
}
END_TEST

static const struct shape asked = {"query",
	FIELDS({"q", SHAPE_TEXT, 1, 3, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"limit", SHAPE_INT, -2, 200, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"yes", SHAPE_BOOL, 0, 1, SHAPE_OPTIONAL, NULL, NULL, ""},
		{"mode", SHAPE_CHOICE, 0, 0, SHAPE_REQUIRED, "a|b", NULL, ""}),
	4, ""};

/* The verdict on a query; the value of `name` must be `want` when there is no fault. */
static void
query_is(const char *query, const char *want_verdict, const char *name, const char *want)
{
	struct text values[4];
	enum err e = shape_query(&asked, text_of(query), &arena, values, &faults);
	struct buf b;

	ck_assert_int_eq(e, faults.count == 0 ? OK : E_BAD_INPUT);
	buf_init(&b, &arena, 64);
	for (size_t i = 0; i < faults.count; i++)
		buf_printf(
			&b, "%s%s %s", i > 0 ? "; " : "", faults.at[i].pointer, faults.at[i].code);
	buf_char(&b, '\0');
	ck_assert_msg(strcmp(b.at, want_verdict) == 0, "%s: %s", query, b.at);
	if (e == OK && want == NULL)
		ck_assert_ptr_null(values[shape_find(&asked, text_of(name))].at);
	else if (e == OK)
		ck_assert_msg(
			text_is(values[shape_find(&asked, text_of(name))], want), "%s", query);
}

START_TEST(query_strings_are_decoded_and_typed)
{
	arena_init(&arena, 1 << 30);
	query_is("mode=a", "", "q", NULL);
	query_is("mode=a&q=%E6%8A%BD+x", "", "q", "抽 x");
	query_is("mode=%61&limit=-2", "", "limit", "-2");
	query_is("yes=true&mode=a&limit=200", "", "yes", "true");
	query_is("mode=a&q=%26%3D%2B", "", "q", "&=+");
	query_is("", "mode required", "q", NULL);
	query_is("mode=a&mode=a", "mode duplicate", "q", NULL);
	query_is("mode=a&x=1", "x unknown", "q", NULL);
	query_is("mode=a&%6Code=a", "query unknown", "q", NULL);
	query_is("mode=a&/x=1", "query unknown", "q", NULL);
	query_is("mode=a&&", "query unknown", "q", NULL);
	query_is("mode=a&=1", "query unknown", "q", NULL);
	query_is("mode=c", "mode choice", "q", NULL);
	query_is("mode", "mode choice", "q", NULL);
	query_is("mode=a&q=", "q length", "q", NULL);
	query_is("mode=a&q=%E6%8A", "q format", "q", NULL);
	query_is("mode=a&q=%00", "q format", "q", NULL);
	query_is("mode=a&q=%4", "q format", "q", NULL);
	query_is("mode=a&q=%zz", "q format", "q", NULL);
	query_is("mode=a&limit=201", "limit range", "q", NULL);
	query_is("mode=a&limit=07", "limit type", "q", NULL);
	query_is("mode=a&limit=1.0", "limit type", "q", NULL);
	query_is("mode=a&limit=+1", "limit type", "q", NULL);
	query_is("mode=a&limit=-", "limit type", "q", NULL);
	query_is("mode=a&limit=99999999999999999999", "limit type", "q", NULL);
	query_is("mode=a&yes=1", "yes type", "q", NULL);
	arena_reset(&arena);
}
END_TEST

static bool
is_name(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

static void
field_is_sound(const struct shape *s, const struct shape_field *f)
{
	size_t len = strlen(f->name);
	bool fen = len > 4 && strcmp(f->name + len - 4, "_fen") == 0;
	bool nested = f->type == SHAPE_LIST || f->type == SHAPE_OBJECT;

	ck_assert_msg(is_name(f->name), "%s.%s", s->name, f->name);
	ck_assert_msg(f->summary[0] != '\0', "%s.%s says nothing", s->name, f->name);
	ck_assert_msg((f->of != NULL) == nested, "%s.%s", s->name, f->name);
	ck_assert_msg((f->choices != NULL) == (f->type == SHAPE_CHOICE), "%s.%s", s->name, f->name);
	ck_assert_msg(f->need == SHAPE_OPTIONAL || f->need == SHAPE_REQUIRED ||
			f->need == (SHAPE_REQUIRED | SHAPE_NULL),
		"%s.%s", s->name, f->name);
	if (f->type != SHAPE_TEXTS)
		ck_assert_msg(f->min <= f->max, "%s.%s", s->name, f->name);
	if (f->type == SHAPE_FEN)
		ck_assert_msg(fen && f->min >= 0 && f->max < 1LL << 53, "%s.%s", s->name, f->name);
	ck_assert_msg(!(fen && f->type == SHAPE_INT), "%s.%s is money", s->name, f->name);
	ck_assert_int_eq(shape_find(s, text_of(f->name)), (int)(f - s->fields));
}

START_TEST(the_lists_of_shapes_are_sound)
{
	size_t count = 0;

	for (; shape_table[count] != NULL; count++) {
		const struct shape *s = shape_table[count];

		ck_assert(is_name(s->name) && s->summary[0] != '\0');
		for (size_t i = 0; i < count; i++)
			ck_assert_str_ne(shape_table[i]->name, s->name);
		for (size_t i = 0; i < s->count; i++)
			field_is_sound(s, &s->fields[i]);
	}
	ck_assert_uint_gt(count, 60);
}
END_TEST

START_TEST(queries_hold_plain_values_and_nothing_sent_may_be_null)
{
	for (int i = 0; i < OP_COUNT; i++) {
		const struct op *op = &op_table[i];

		for (size_t k = 0; k < op->query->count; k++) {
			const struct shape_field *f = &op->query->fields[k];

			ck_assert_msg(f->type != SHAPE_LIST && f->type != SHAPE_TEXTS &&
					f->type != SHAPE_OBJECT && (f->need & SHAPE_NULL) == 0,
				"%s.%s", op->query->name, f->name);
		}
		for (size_t k = 0; k < op->body->count; k++)
			ck_assert_msg((op->body->fields[k].need & SHAPE_NULL) == 0, "%s.%s",
				op->body->name, op->body->fields[k].name);
	}
}
END_TEST

SUITE(shape, members_are_all_known_and_none_is_missing, a_long_unknown_name_is_not_repeated,
	line_has_no_control_character_and_more_than_blanks,
	long_text_has_lines_and_tabs_and_no_other_control_character, text_is_counted_in_code_points,
	u_0000_is_refused_even_if_a_parser_let_it_through,
	integers_have_no_fraction_and_keep_their_range, strings_have_the_form_of_their_type,
	lists_and_objects_are_checked_inside, faults_are_reported_up_to_their_limit,
	query_strings_are_decoded_and_typed, the_lists_of_shapes_are_sound,
	queries_hold_plain_values_and_nothing_sent_may_be_null)
