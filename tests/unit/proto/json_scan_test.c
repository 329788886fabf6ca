/* Cases in the manner of JSONTestSuite: what a parser must take, and what it must refuse; where
 * RFC 8259 leaves it open, our own choice. */
#include "proto/json_scan.h"

#include <check.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

#define TEXT_OF_ARRAY(bytes) text_span((bytes), sizeof(bytes) - 1)

static const char *const taken[] = {"{}", "[]", " \t\r\n[ ] ", "\"\"", "0", "-0", "1.5e+3", "1E9",
	"1e-7", "-1.0", "true", "false", "[true,false,null]", "{\"a\":{\"b\":[{}]}}",
	"{\"a\":1,\"b\":1}", "[{\"a\":1},{\"a\":1}]", "{\"a\":{\"a\":1}}", "{\"\":0}",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u4E2d\\u6587\"", "\"\\uD834\\uDd1e\"",
	"\"\\u0001\\uffff\"", "\"中文 \xf0\x9d\x84\x9e \xef\xbf\xbf\"", "\"\x7f\"",
	"\"\xe2\x80\xa8\"", "123456789012345678901234567890", "0.000000000000000000000000000000001",
	"1e400", "{\"a\":1,\"A\":1}", "{\"\\u0061b\":1,\"a\":1}",
	"{\"\\ud834\\udd1e\":1,\"\\ud834\\udd1f\":1}"};

static const struct {
	const char *text;
	size_t offset;
} refused[] = {
	/* structure */
	{"", 0},
	{" ", 1},
	{"[", 1},
	{"]", 0},
	{"[1,]", 3},
	{"[,1]", 1},
	{"[1 2]", 3},
	{"[1}", 2},
	{"{\"a\"}", 4},
	{"{\"a\":}", 5},
	{"{\"a\":1,}", 7},
	{"{,}", 1},
	{"{a:1}", 1},
	{"{'a':1}", 1},
	{"{1:1}", 1},
	{"{\"a\" 1}", 5},
	{"{\"a\":1 \"b\":2}", 7},
	{"{\"a\":1]", 6},
	{"[] []", 3},
	{"{}x", 2},
	{"1 2", 2},
	{"[]\v", 2},
	{"\xef\xbb\xbf[]", 0},
	{"/* */[]", 0},
	{"[]//", 2},
	{"[1,\f2]", 3},
	{"[\xc2\xa0]", 1},
	/* words */
	{"True", 0},
	{"nul", 0},
	{"nulls", 4},
	{"NaN", 0},
	{"Infinity", 0},
	{"undefined", 0},
	{"[-Infinity]", 2},
	/* numbers */
	{"01", 1},
	{"-01", 2},
	{"00", 1},
	{"+1", 0},
	{".5", 0},
	{"1.", 2},
	{"1.e3", 2},
	{"1e", 2},
	{"1e+", 3},
	{"-", 1},
	{"--1", 1},
	{"0x1", 1},
	{"1_000", 1},
	{"1,000", 1},
	{"\xef\xbc\x91", 0},
	/* strings */
	{"\"", 1},
	{"\"a", 2},
	{"'a'", 0},
	{"\"\t\"", 1},
	{"\"\n\"", 1},
	{"\"\x1f\"", 1},
	{"\"\\\"", 3},
	{"\"\\a\"", 2},
	{"\"\\x41\"", 2},
	{"\"\\'\"", 2},
	{"\"\\u12\"", 3},
	{"\"\\u12g4\"", 3},
	{"\"\\U0041\"", 2},
	{"\"\\u0000\"", 3},
	{"\"\\ud834\"", 3},
	{"\"\\udd1e\"", 3},
	{"\"\\udd1e\\ud834\"", 3},
	{"\"\\ud834x\"", 3},
	{"\"\\ud834\\n\"", 3},
	{"\"\\ud834\\ud834\"", 3},
	{"\"a\xff\"", 1},
	{"\"\xc0\xaf\"", 1},
	{"\"\xed\xa0\x80\"", 1},
	{"\"\xf5\x80\x80\x80\"", 1},
	{"\"\xe4\xb8\"", 1},
	/* members that stand twice */
	{"{\"a\":1,\"a\":1}", 7},
	{"{\"a\":1,\"b\":2,\"a\":3}", 13},
	{"{\"a\":1,\"\\u0061\":2}", 7},
	{"{\"/\":1,\"\\/\":2}", 7},
	{"{\"\":1,\"\":2}", 6},
	{"[0,{\"x\":{\"a\":1},\"y\":{},\"x\":0}]", 23},
	{"{\"\xf0\x9d\x84\x9e\":1,\"\\ud834\\udd1e\":2}", 10},
	{"{\"\xe4\xb8\xad\":1,\"\\u4e2d\":2}", 9},
};

START_TEST(what_rfc_8259_allows_is_taken_and_parses)
{
	struct arena a;

	arena_init(&a, 1 << 30);
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		struct scan_fault f = {0};
		struct json_object *json = NULL;

		ck_assert_msg(scan_json(text_of(taken[i]), &f) == OK, "%zu: %s: %s", f.offset, f.en,
			taken[i]);
		ck_assert_int_eq(scan_parse(text_of(taken[i]), &a, &json, &f), OK);
		ck_assert_ptr_nonnull(json);
	}
	arena_reset(&a);
}
END_TEST

START_TEST(anything_else_is_refused_with_its_place)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct scan_fault f = {.offset = SIZE_MAX};

		ck_assert_msg(scan_json(text_of(refused[i].text), &f) == E_BAD_JSON, "%s",
			refused[i].text);
		ck_assert_msg(f.offset == refused[i].offset, "%zu, not %zu: %s", f.offset,
			refused[i].offset, refused[i].text);
		ck_assert(f.zh != NULL && f.en != NULL);
	}
}
END_TEST

START_TEST(nul_bytes_are_refused_everywhere)
{
	static const char between[] = "[1,\0 2]", inside[] = "\"a\0b\"", behind[] = "[]\0";
	struct scan_fault f;

	ck_assert_int_eq(scan_json(TEXT_OF_ARRAY(between), &f), E_BAD_JSON);
	ck_assert_int_eq(scan_json(TEXT_OF_ARRAY(inside), &f), E_BAD_JSON);
	ck_assert_int_eq(scan_json(TEXT_OF_ARRAY(behind), &f), E_BAD_JSON);
}
END_TEST

START_TEST(a_bare_null_is_no_body)
{
	struct json_object *json = NULL;
	struct scan_fault f;
	struct arena a;

	arena_init(&a, 1 << 20);
	ck_assert_int_eq(scan_json(text_of("null"), &f), OK);
	ck_assert_int_eq(scan_parse(text_of("null"), &a, &json, &f), E_BAD_JSON);
	ck_assert_ptr_null(json);
	arena_reset(&a);
}
END_TEST

START_TEST(a_text_cut_anywhere_is_refused)
{
	static const char text[] = "{\"a\":[1.5e3,{\"\\ud834\\udd1e\":\"中\"},true,null],\"b\":-0}";
	struct scan_fault f;

	for (size_t len = 0; len < sizeof text - 1; len++)
		ck_assert_int_eq(scan_json(text_span(text, len), &f), E_BAD_JSON);
	ck_assert_int_eq(scan_json(TEXT_OF_ARRAY(text), &f), OK);
}
END_TEST

/* `before`, then `count` times `one` with commas between (or none), then `after`. */
static enum err
scan_many(struct arena *a, const char *before, size_t count, const char *one, const char *comma,
	const char *after)
{
	struct scan_fault f;
	struct buf b;

	buf_init(&b, a, 1024);
	buf_str(&b, before);
	for (size_t i = 0; i < count; i++) {
		buf_str(&b, i > 0 ? comma : "");
		buf_str(&b, one);
	}
	buf_str(&b, after);
	return scan_json(buf_text(&b), &f);
}

static enum err
scan_nested(struct arena *a, int depth)
{
	struct scan_fault f;
	struct buf b;

	buf_init(&b, a, 1024);
	for (int i = 0; i < depth; i++)
		buf_str(&b, i % 2 == 0 ? "[" : "{\"a\":");
	buf_str(&b, "1");
	for (int i = depth; i-- > 0;)
		buf_str(&b, i % 2 == 0 ? "]" : "}");
	return scan_json(buf_text(&b), &f);
}

static enum err
scan_members(struct arena *a, int count)
{
	struct scan_fault f;
	struct buf b;

	buf_init(&b, a, 1024);
	for (int i = 0; i < count; i++)
		buf_printf(&b, "%c\"%d\":0", i == 0 ? '{' : ',', i);
	buf_str(&b, "}");
	return scan_json(buf_text(&b), &f);
}

START_TEST(each_limit_holds_to_the_last)
{
	struct arena a;

	arena_init(&a, 1 << 30);
	ck_assert_int_eq(scan_nested(&a, SCAN_DEPTH_MAX), OK);
	ck_assert_int_eq(scan_nested(&a, SCAN_DEPTH_MAX + 1), E_BAD_JSON);
	ck_assert_int_eq(scan_members(&a, SCAN_MEMBERS_MAX), OK);
	ck_assert_int_eq(scan_members(&a, SCAN_MEMBERS_MAX + 1), E_TOO_LARGE);
	ck_assert_int_eq(scan_many(&a, "[", SCAN_CONTAINERS_MAX - 1, "{}", ",", "]"), OK);
	ck_assert_int_eq(scan_many(&a, "[", SCAN_CONTAINERS_MAX, "{}", ",", "]"), E_TOO_LARGE);
	ck_assert_int_eq(scan_many(&a, "[", SCAN_VALUES_MAX - 1, "1", ",", "]"), OK);
	ck_assert_int_eq(scan_many(&a, "[", SCAN_VALUES_MAX, "1", ",", "]"), E_TOO_LARGE);
	ck_assert_int_eq(scan_many(&a, "", 100000, "[", "", ""), E_BAD_JSON);
	arena_reset(&a);
}
END_TEST

SUITE(json_scan, what_rfc_8259_allows_is_taken_and_parses, anything_else_is_refused_with_its_place,
	nul_bytes_are_refused_everywhere, a_bare_null_is_no_body, a_text_cut_anywhere_is_refused,
	each_limit_holds_to_the_last)
