#include "cli/output.h"

#include <check.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

static const struct shape_field item_fields[] = {
	{"id", SHAPE_ID, 1, 64, SHAPE_REQUIRED, NULL, NULL, ""},
	{"name", SHAPE_TEXT, 1, 64, SHAPE_REQUIRED, NULL, NULL, ""},
	{"price_fen", SHAPE_FEN, 0, 1, 0, NULL, NULL, ""},
	{"tags", SHAPE_TEXTS, 9, 9, 0, NULL, NULL, ""},
};
static const struct shape item = {"item", item_fields, 4, ""};
static const struct shape_field page_fields[] = {
	{"items", SHAPE_LIST, 0, 200, SHAPE_REQUIRED, NULL, &item, ""},
	{"next_cursor", SHAPE_TEXT, 0, 9, SHAPE_REQUIRED | SHAPE_NULL, NULL, NULL, ""},
};
static const struct shape page = {"page", page_fields, 2, ""};

static void
expect(enum format format, const struct shape *s, const char *json, const char *want)
{
	struct json_object *answer = json_tokener_parse(json);
	struct arena a;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(answer);
	arena_init(&a, 1 << 20);
	output_print(out, format, s, answer, &a);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text, want);
	free(text);
	json_object_put(answer);
	arena_reset(&a);
}

START_TEST(a_list_is_a_table_with_wide_characters_aligned)
{
	expect(FORMAT_TABLE, &page,
		"{\"items\":[{\"id\":\"a\",\"name\":\"测绘\",\"price_fen\":123456,\"tags\":[\"x\"]}"
		","
		"{\"name\":\"b\",\"id\":\"c_1\"}],\"next_cursor\":null}",
		"id   name  price_yuan\n"
		"a    测绘  1,234.56\n"
		"c_1  b     \n");
}
END_TEST

START_TEST(csv_has_every_column_and_quotes_by_rfc_4180)
{
	expect(FORMAT_CSV, &page,
		"{\"items\":[{\"id\":\"a\",\"name\":\"x, \\\"y\\\"\\nz\",\"price_fen\":7,"
		"\"tags\":[\"u\",\"v\"]}],\"next_cursor\":null}",
		"id,name,price_fen,tags\r\n"
		"a,\"x, \"\"y\"\"\nz\",7,\"[\"\"u\"\",\"\"v\"\"]\"\r\n");
	expect(FORMAT_CSV, &page, "{\"items\":[],\"next_cursor\":null}",
		"id,name,price_fen,tags\r\n");
}
END_TEST

START_TEST(without_a_shape_the_first_element_gives_the_columns)
{
	expect(FORMAT_CSV, NULL, "{\"items\":[{\"k\":true,\"n\":null}]}", "k,n\r\ntrue,\r\n");
	expect(FORMAT_TABLE, NULL, "{\"items\":[]}", "");
	expect(FORMAT_TABLE, NULL, "{\"items\":[3]}", "");
}
END_TEST

START_TEST(an_object_is_a_row_a_member)
{
	expect(FORMAT_TABLE, &item, "{\"id\":\"a\",\"price_fen\":5}",
		"id          a\nprice_yuan  0.05\n");
	expect(FORMAT_CSV, &item, "{\"id\":\"a\",\"price_fen\":5}",
		"field,value\r\nid,a\r\nprice_fen,5\r\n");
	expect(FORMAT_JSON, &item, "{\"id\":\"a/b\"}", "{\n  \"id\": \"a/b\"\n}\n");
}
END_TEST

static const struct shape_field owned_fields[] = {
	{"owner_name", SHAPE_TEXT, 1, 64, SHAPE_REQUIRED, NULL, NULL, ""},
	{"owner_id", SHAPE_ID, 1, 64, SHAPE_REQUIRED, NULL, NULL, ""},
	{"paid_fen", SHAPE_FEN, 0, 1, SHAPE_REQUIRED, NULL, NULL, ""},
};
static const struct shape owned = {"owned", owned_fields, 3, ""};
static const struct shape_field whole_fields[] = {
	{"id", SHAPE_ID, 1, 64, SHAPE_REQUIRED, NULL, NULL, ""},
	{"rows", SHAPE_LIST, 0, 9, SHAPE_REQUIRED, NULL, &owned, ""},
	{"none", SHAPE_LIST, 0, 9, SHAPE_REQUIRED, NULL, &owned, ""},
	{"state", SHAPE_TEXT, 1, 9, SHAPE_REQUIRED, NULL, NULL, ""},
};
static const struct shape whole = {"whole", whole_fields, 4, ""};

START_TEST(an_objects_lists_are_tables_below_it_in_the_shapes_order)
{
	static const char json[] =
		"{\"extra\":1,\"state\":\"x\",\"none\":[],\"id\":\"a\","
		"\"rows\":[{\"paid_fen\":5,\"owner_id\":\"org_1\",\"owner_name\":\"n\"}]}";

	expect(FORMAT_TABLE, &whole, json,
		"id     a\n"
		"state  x\n"
		"extra  1\n"
		"\n"
		"rows:\n"
		"owner_name  paid_yuan\n"
		"n           0.05\n");
	expect(FORMAT_CSV, &whole, json,
		"field,value\r\nid,a\r\nrows,\"[{\"\"paid_fen\"\":5,\"\"owner_id\"\":\"\"org_1\"\","
		"\"\"owner_name\"\":\"\"n\"\"}]\"\r\nnone,[]\r\nstate,x\r\nextra,1\r\n");
}
END_TEST

START_TEST(a_terminal_gets_no_control_characters)
{
	expect(FORMAT_TABLE, &item, "{\"id\":\"a\\u001b[2J\\u009b\\n\\u007fb\"}",
		"id  a [2J   b\n");
}
END_TEST

START_TEST(a_long_cell_of_a_list_is_cut)
{
	char json[256], want[256], forty[41];

	memset(forty, 'x', 40);
	forty[40] = '\0';
	(void)snprintf(
		json, sizeof json, "{\"items\":[{\"id\":\"a\",\"name\":\"%s测测测测测\"}]}", forty);
	(void)snprintf(want, sizeof want, "id  name%47sprice_yuan\na   %s测测测测…  \n", "", forty);
	expect(FORMAT_TABLE, &page, json, want);
}
END_TEST

START_TEST(a_problem_names_code_rule_and_places)
{
	static const char body[] =
		"{\"title\":\"A rule forbids this\",\"detail\":\"too early\",\"code\":\"rule\","
		"\"rule\":\"TR2\",\"errors\":[{\"pointer\":\"/deadline_at\",\"code\":\"range\","
		"\"detail\":\"later\"},{\"parameter\":\"limit\",\"detail\":\"small\\u001b\"}]}";
	struct arena a;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	arena_init(&a, 1 << 20);
	output_problem(out, 422, text_of(body), &a);
	output_problem(out, 502, text_of("<html>"), &a);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(text,
		"fairlot: A rule forbids this: too early (422 rule, TR2)\n"
		"  /deadline_at: later\n"
		"  limit: small \n"
		"fairlot: HTTP 502\n");
	free(text);
	arena_reset(&a);
}
END_TEST

START_TEST(the_format_is_asked_for_or_follows_the_terminal)
{
	enum format f;

	ck_assert(format_find(NULL, true, &f) && f == FORMAT_TABLE);
	ck_assert(format_find(NULL, false, &f) && f == FORMAT_JSON);
	ck_assert(format_find("csv", true, &f) && f == FORMAT_CSV);
	ck_assert(!format_find("xml", true, &f));
}
END_TEST

SUITE(output, a_list_is_a_table_with_wide_characters_aligned,
	csv_has_every_column_and_quotes_by_rfc_4180,
	without_a_shape_the_first_element_gives_the_columns, an_object_is_a_row_a_member,
	an_objects_lists_are_tables_below_it_in_the_shapes_order,
	a_terminal_gets_no_control_characters, a_long_cell_of_a_list_is_cut,
	a_problem_names_code_rule_and_places, the_format_is_asked_for_or_follows_the_terminal)
