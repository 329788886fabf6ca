#include "proto/op.h"

#include <check.h>
#include <string.h>

#include "tests/support/suite.h"

static enum route_result
find(enum method m, const char *path, struct route *ret_route)
{
	return route_find(m, text_of(path), ret_route);
}

START_TEST(names_on_the_wire_have_one_dot_and_are_unique)
{
	ck_assert_str_eq(op_table[OP_project_create].name, "project.create");
	ck_assert_str_eq(op_table[OP_ledger_totals].name, "ledger.totals");
	for (int i = 0; i < OP_COUNT; i++)
		for (int j = i + 1; j < OP_COUNT; j++)
			ck_assert_str_ne(op_table[i].name, op_table[j].name);
}
END_TEST

START_TEST(the_table_of_operations_is_unambiguous)
{
	ck_assert(route_check());
}
END_TEST

START_TEST(ambiguous_tables_are_refused)
{
	static const struct {
		const char *a, *b;
		enum method ma, mb;
		bool sound;
	} cases[] = {
		{"/v1/x/{id}", "/v1/x/{id}", GET, POST, true},
		{"/v1/x/{id}", "/v1/x/{id}", GET, GET, false},
		{"/v1/x/{id}", "/v1/x/mine", GET, POST, false},
		{"/v1/x/{id}", "/v1/x/{name}", GET, POST, false},
		{"/v1/{id}/x", "/v1/y/{id}", GET, GET, false},
		{"/v1/{id}/x", "/v1/y/{id}/z", GET, GET, true},
		{"/v1/x/", "/v1/y", GET, GET, false},
		{"v1/x", "/v1/y", GET, GET, false},
		{"/v1/{a", "/v1/y", GET, GET, false},
		{"/{a}/{b}/{c}/{d}", "/v1/y", GET, GET, false},
		{"/x/{tile}", "/y/{tile}", GET, GET, true},
		{"/x/{tile}", "/x/y/z", GET, GET, false},
		{"/x/{tile}/y", "/y", GET, GET, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct op ops[2] = {{.path = cases[i].a, .method = cases[i].ma},
			{.path = cases[i].b, .method = cases[i].mb}};

		ck_assert_msg(route_table_check(ops, 2) == cases[i].sound, "%s %s", cases[i].a,
			cases[i].b);
	}
}
END_TEST

START_TEST(every_operation_is_found_by_its_own_path)
{
	for (int i = 0; i < OP_COUNT; i++) {
		char path[256];
		size_t len = 0, args = 0;
		struct route r;

		for (const char *c = op_table[i].path; *c != '\0'; c++) {
			if (*c != '{') {
				path[len++] = *c;
				continue;
			}
			bool rest = strncmp(c, "{tile}", 6) == 0;

			memcpy(path + len, rest ? "0/x007/000" : "7", rest ? 10 : 1);
			len += rest ? 10 : 1;
			args++;
			while (*c != '}')
				c++;
		}
		ck_assert_int_eq(
			route_find(op_table[i].method, text_span(path, len), &r), ROUTE_FOUND);
		ck_assert_ptr_eq(r.op, &op_table[i]);
		ck_assert_uint_eq(r.args_count, args);
	}
}
END_TEST

START_TEST(arguments_come_in_path_order)
{
	struct route r;

	ck_assert_int_eq(find(PUT, "/v1/draws/prj_a.1.tie/contributions/2", &r), ROUTE_FOUND);
	ck_assert_ptr_eq(r.op, &op_table[OP_draw_contribute]);
	ck_assert(text_is(r.args[0], "prj_a.1.tie") && text_is(r.args[1], "2"));
}
END_TEST

/* The spelling of tiles: tests/unit/ledger/tile_test.c. */
START_TEST(a_tile_is_the_rest_of_its_path)
{
	struct route r;

	ck_assert_int_eq(find(GET, "/journal/tile/entries/x001/x234/067.p/8", &r), ROUTE_FOUND);
	ck_assert_ptr_eq(r.op, &op_table[OP_journal_tile]);
	ck_assert_uint_eq(r.args_count, 1);
	ck_assert(text_is(r.args[0], "entries/x001/x234/067.p/8"));
	ck_assert_int_eq(find(GET, "/journal/tile/0/000/", &r), ROUTE_NO_PATH);
	ck_assert_int_eq(find(GET, "/journal/tile/0/1", &r), ROUTE_NO_PATH);
	ck_assert_int_eq(find(GET, "/journal/tile/", &r), ROUTE_NO_PATH);
	ck_assert_int_eq(find(POST, "/journal/tile/1/000", &r), ROUTE_NO_METHOD);
}
END_TEST

START_TEST(a_known_path_with_another_method_says_what_it_allows)
{
	struct route r;

	ck_assert_int_eq(find(DELETE, "/v1/projects", &r), ROUTE_NO_METHOD);
	ck_assert_uint_eq(r.allowed, 1u << GET | 1u << POST);
}
END_TEST

START_TEST(what_is_no_id_matches_no_path)
{
	static const char *const paths[] = {"", "/", "/v1", "/v1/", "/v1/projects/",
		"/v1/projects//", "/v1/projects/..", "/v1/projects/%61", "/v1/projects/a b",
		"/v1/projects/-a", "/v1/projects/a/", "/v1/draws/a/contributions/02",
		"/v1/draws/a/contributions/x", "/v1/draws/a/contributions/10000", "v1/projects",
		"/V1/projects",
		"/v1/projects/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		struct route r = {.args_count = 9};

		ck_assert_msg(find(GET, paths[i], &r) == ROUTE_NO_PATH, "%s", paths[i]);
		ck_assert_uint_eq(r.args_count, 9);
	}
}
END_TEST

SUITE(route, names_on_the_wire_have_one_dot_and_are_unique, the_table_of_operations_is_unambiguous,
	ambiguous_tables_are_refused, every_operation_is_found_by_its_own_path,
	arguments_come_in_path_order, a_tile_is_the_rest_of_its_path,
	a_known_path_with_another_method_says_what_it_allows, what_is_no_id_matches_no_path)
