#include "proto/problem.h"

#include <check.h>

#include "lib/base/arena.h"
#include "proto/json_scan.h"
#include "proto/shape.h"
#include "tests/support/suite.h"

START_TEST(the_language_with_the_higher_weight_wins)
{
	static const struct {
		const char *value;
		enum lang lang;
	} cases[] = {{"", LANG_ZH}, {"zh-CN,zh;q=0.9,en;q=0.8", LANG_ZH}, {"en", LANG_EN},
		{"EN-gb", LANG_EN}, {"fr, de;q=0.9", LANG_ZH}, {"fr, en;q=0.1", LANG_EN},
		{"zh;q=0.5, en;q=0.7", LANG_EN}, {"en, zh", LANG_EN}, {"zh, en", LANG_ZH},
		{"en;q=0, zh;q=0.001", LANG_ZH}, {"en;q=0.9999, zh;q=0.2", LANG_ZH},
		{"english", LANG_ZH}, {";;,,q=1", LANG_ZH}, {"*", LANG_ZH},
		{"en ; q=1.0", LANG_EN}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(
			lang_of(text_of(cases[i].value)) == cases[i].lang, "%s", cases[i].value);
}
END_TEST

START_TEST(a_problem_says_all_it_knows_in_the_language_asked)
{
	struct problem p = {.err = E_RULE,
		.lang = LANG_EN,
		.request_id = "r-1",
		.rule = "TR5",
		.pointer = "/price_fen",
		.detail_zh = "价格过高",
		.detail_en = "the \"price\" is too high"};
	struct arena a;

	arena_init(&a, 1 << 20);
	ck_assert(text_is(problem_write(&p, &a),
		"{\"type\":\"urn:fairlot:problem:rule\",\"title\":\"A rule of the marketplace "
		"forbids "
		"this\",\"status\":422,\"code\":\"rule\",\"detail\":\"the \\\"price\\\" is too "
		"high\",\"rule\":\"TR5\",\"request_id\":\"r-1\",\"errors\":[{\"pointer\":\"/"
		"price_fen\","
		"\"code\":\"rule\",\"detail\":\"the \\\"price\\\" is too high\"}]}"));
	p = (struct problem){.err = E_NOT_FOUND};
	ck_assert(text_is(problem_write(&p, &a),
		"{\"type\":\"urn:fairlot:problem:not-found\",\"title\":\"对象不存在或不可见\","
		"\"status\":404,\"code\":\"not-found\"}"));
	arena_reset(&a);
}
END_TEST

START_TEST(faults_are_listed_by_pointer_or_parameter)
{
	struct shape_faults faults = {3,
		{{"/a", "type", "甲", "A"}, {"limit", "range", "乙", "B"},
			{"", "required", "丙", "C"}}};
	struct problem p = {.err = E_BAD_INPUT, .faults = &faults};
	struct scan_fault f;
	struct text body;
	struct arena a;

	arena_init(&a, 1 << 20);
	body = problem_write(&p, &a);
	ck_assert(text_is(body,
		"{\"type\":\"urn:fairlot:problem:bad-input\",\"title\":"
		"\"请求内容不符合规定的形式\","
		"\"status\":400,\"code\":\"bad-input\",\"errors\":["
		"{\"pointer\":\"/a\",\"code\":\"type\",\"detail\":\"甲\"},"
		"{\"parameter\":\"limit\",\"code\":\"range\",\"detail\":\"乙\"},"
		"{\"pointer\":\"\",\"code\":\"required\",\"detail\":\"丙\"}]}"));
	ck_assert_int_eq(scan_json(body, &f), OK);
	arena_reset(&a);
}
END_TEST

START_TEST(hostile_text_in_a_problem_stays_json)
{
	struct problem p = {.err = E_BAD_INPUT,
		.lang = LANG_EN,
		.request_id = "a\"b\\c",
		.pointer = "/\x01\x7f\n",
		.detail_en = "\xff broken"};
	struct scan_fault f;
	struct arena a;

	arena_init(&a, 1 << 20);
	for (int e = OK + 1; e < ERR_COUNT; e++) {
		p.err = (enum err)e;
		ck_assert_int_eq(scan_json(problem_write(&p, &a), &f), OK);
	}
	arena_reset(&a);
}
END_TEST

SUITE(problem, the_language_with_the_higher_weight_wins,
	a_problem_says_all_it_knows_in_the_language_asked,
	faults_are_listed_by_pointer_or_parameter, hostile_text_in_a_problem_stays_json)
