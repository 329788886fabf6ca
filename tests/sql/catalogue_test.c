/* The catalogue as the public reads it, and how reference data comes in. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/market.h"
#include "tests/support/suite.h"

static const char *const files[] = {
	"categories.csv", "qualifications.csv", "items.csv", "regions.csv", "holidays.csv"};

/* A copy of data/ in which the line of one file that begins so is another; "" takes it out. */
static const char *
folder_edited(struct pg *pg, const char *file, const char *begin, const char *line)
{
	char *folder = arena_printf(&pg->arena, "%s/fairlot-data-XXXXXX",
		getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
	char text[8192];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		FILE *from = fopen(
			arena_printf(&pg->arena, "%s/data/%s", getenv("FAIRLOT_SOURCE"), files[i]),
			"r");
		FILE *to = fopen(arena_printf(&pg->arena, "%s/%s", folder, files[i]), "w");

		ck_assert(from != NULL && to != NULL);
		while (fgets(text, sizeof text, from) != NULL)
			(void)fputs(strcmp(file, files[i]) == 0 &&
						strncmp(text, begin, strlen(begin)) == 0
					? line
					: text,
				to);
		(void)fclose(from);
		ck_assert_int_eq(fclose(to), 0);
	}
	return folder;
}

static void
folder_remove(struct pg *pg, const char *folder)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		(void)unlink(arena_printf(&pg->arena, "%s/%s", folder, files[i]));
	ck_assert_int_eq(rmdir(folder), 0);
}

static const char *
load_edited(struct pg *pg, const char *file, const char *begin, const char *line, int *ret_changed)
{
	const char *folder = folder_edited(pg, file, begin, line);
	const char *why = market_load(pg, folder, ret_changed);

	folder_remove(pg, folder);
	return why;
}

static int64_t
items(struct pg *pg, struct pg_answer a)
{
	ck_answered(a, 0);
	return pg_number(pg, "SELECT json_array_length($j$%s$j$::json -> 'items')", a.body);
}
#define READ(...) pg_call(pg, pg->reader, __VA_ARGS__, NULL)

START_TEST(the_reference_data_loads_once_and_whole)
{
	struct pg *pg = market_new();
	int changed = -1;

	ck_assert_int_eq(items(pg, READ(SQL_category_list)), 30);
	ck_assert_int_eq(items(pg, READ(SQL_qualification_list)), 31);
	ck_assert_int_eq(items(pg, READ(SQL_region_list)), 24);
	ck_assert_int_eq(items(pg, READ(SQL_item_list, "limit", "200")), 141);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.calendar_day"), 218);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.item WHERE rule IS NOT NULL"), 76);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.outbox WHERE kind = 'item'"), 141);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.outbox WHERE kind = 'policy'"), 2);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.job WHERE kind = 'key_purge'"), 1);
	ck_assert_str_eq(
		market_load(pg, arena_printf(&pg->arena, "%s/data", getenv("FAIRLOT_SOURCE")),
			&changed),
		"");
	ck_assert_int_eq(changed, 0);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.outbox"), 143);
	pg_free(&pg);
}
END_TEST

START_TEST(a_changed_item_is_a_new_version_and_a_missing_one_is_closed)
{
	struct pg *pg = market_new();
	struct pg_answer a;
	int changed;

	ck_assert_str_eq(load_edited(pg, "items.csv", "I001",
				 "I001,土地勘测定界,Boundary survey,C01,《法》第一条,审批,市局,"
				 "申请人自行委托,20,测绘资质 甲级|工程勘察资质\n",
				 &changed),
		"");
	ck_assert_int_eq(changed, 1);
	a = READ(SQL_item_get, "id", "I001");
	ck_assert_int_eq(a.version, 2);
	ck_assert_str_eq(pg_member(pg, a.body, "/requirement/match"), "any");
	ck_assert_str_eq(pg_member(pg, a.body, "/requirement/qualifications/0/grade"), "甲级");
	ck_assert_str_eq(pg_member(pg, a.body, "/requirement/qualifications/1/code"), "Q02");
	a = READ(SQL_item_get, "id", "I001.1");
	ck_assert_str_eq(pg_member(pg, a.body, "/working_days"), "15");
	ck_assert_str_eq(pg_member(pg, a.body, "/active"), "false");
	ck_refused(READ(SQL_item_get, "id", "I001.3"), "not-found", "", "id");
	ck_refused(READ(SQL_item_get, "id", "I999"), "not-found", "", "id");
	/* The first file again, without I002: version 3 of I001, version 2 of I002. */
	ck_assert_str_eq(load_edited(pg, "items.csv", "I002", "", &changed), "");
	ck_assert_int_eq(changed, 2);
	a = READ(SQL_item_get, "id", "I002");
	ck_assert_int_eq(a.version, 2);
	ck_assert_str_eq(pg_member(pg, a.body, "/active"), "false");
	ck_assert_int_eq(items(pg, READ(SQL_item_list, "limit", "200")), 140);
	ck_refused(pg_ask(pg, pg->super, "SELECT api.item_in_force('I002', '/item')"), "rule",
		"catalogue.item", "/item");
	pg_free(&pg);
}
END_TEST

/* What is wrong in a file stops all of it, and the message leads to the place. */
START_TEST(a_wrong_file_changes_nothing_and_is_named)
{
	static const struct {
		const char *file, *begin, *line, *why;
	} cases[] = {
		{"items.csv", "I003", "I003,x,x,C01,x,x,x,x,0,\n", "items.csv:4: working_days: "},
		{"items.csv", "I003", "I003,x,x,C99,x,x,x,x,1,\n", "items.csv:4: category_code: "},
		{"items.csv", "I003", "I003,,x,C01,x,x,x,x,1,\n", "items.csv:4: name_zh: "},
		{"items.csv", "I003", "I003,x,x,C01,x,x,x,x,1,测绘资质 特级\n",
			"items.csv:4: required_qualification: "},
		{"items.csv", "I003", "I003,x,x,C01,x,x,x,x,1,无此资质\n",
			"items.csv:4: required_qualification: "},
		{"items.csv", "I003", "I003,x,x,C01,x,x,x,x,1,测绘资质 甲级|测绘资质；测绘资质\n",
			"items.csv:4: required_qualification: "},
		{"items.csv", "I003", "I003,x,x\n", "items.csv:4: not as many fields"},
		{"items.csv", "code", "a,b,c,d,e,f,g,h,i,j\n", "items.csv:1: the header is not"},
		{"qualifications.csv", "Q01", "Q01,x,x,甲级|甲级\n",
			"qualifications.csv:2: grades: "},
		{"regions.csv", "430000", "43,x,x\n", "regions.csv:2: code: "},
		{"categories.csv", "C01", "C01,,x\n", "categories.csv:2: name_zh: "},
		{"holidays.csv", "2021-01-01", "2021-02-30,holiday,x\n", "holidays.csv:2: date: "},
		{"holidays.csv", "2021-01-01", "2021-01-04,workday,x\n", "holidays.csv:2: kind: "},
		{"holidays.csv", "2021-01-01", "2021-01-04,feast,x\n", "holidays.csv:2: kind: "},
	};
	struct pg *pg = pg_new();
	int changed = -1;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *why =
			load_edited(pg, cases[i].file, cases[i].begin, cases[i].line, &changed);

		ck_assert_msg(strncmp(why, cases[i].why, strlen(cases[i].why)) == 0, "case %zu: %s",
			i, why);
	}
	ck_assert_int_eq(changed, -1);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.category"), 0);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.outbox"), 0);
	ck_assert_str_ne(market_load(pg, "/nonexistent", &changed), "");
	pg_free(&pg);
}
END_TEST

START_TEST(a_corrected_calendar_replaces_the_days_of_its_years)
{
	struct pg *pg = market_new();
	int changed;

	ck_assert_str_eq(load_edited(pg, "holidays.csv", "2021-10-09", "", &changed), "");
	ck_assert_int_eq(changed, 1);
	ck_assert_str_eq(pg_value(pg, "SELECT api.is_working_day('2021-10-09')"), "f");
	pg_free(&pg);
}
END_TEST

START_TEST(only_the_migrator_brings_reference_data_in)
{
	static const enum sql_id ids[] = {SQL_reference_categories, SQL_reference_qualifications,
		SQL_reference_items, SQL_reference_regions, SQL_reference_calendar};
	struct pg *pg = pg_new();

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		ck_refused(pg_call(pg, pg->writer, ids[i], "lines", "[]", NULL), "forbidden",
			"admin.role", "");
	ck_refused(
		pg_call(pg, pg->writer, SQL_reference_policy, "name", "demo", "rules", "x", NULL),
		"forbidden", "admin.role", "");
	ck_refused(pg_call(pg, pg->writer, SQL_reference_end, NULL), "forbidden", "admin.role", "");
	pg_free(&pg);
}
END_TEST

START_TEST(the_catalogue_is_searched_in_both_languages_and_filtered)
{
	struct pg *pg = market_new();

#define COUNT(...) items(pg, READ(SQL_item_list, "limit", "200", __VA_ARGS__))
	ck_assert_int_eq(COUNT("search", "土地勘测定界"), 1);
	ck_assert_int_eq(COUNT("search", "LAND BOUNDARY survey"), 1);
	ck_assert_int_eq(COUNT("search", "Ｌａｎｄ　boundary"), 1);
	ck_assert_int_eq(COUNT("search", "i001"), 1);
	ck_assert_int_gt(COUNT("search", "测绘"), 3);
	ck_assert_int_gt(COUNT("search", "《中华人民共和国测绘法》"), 0);
	ck_assert_int_gt(COUNT("search", "商品房预售许可"), 0);
	ck_assert_int_gt(COUNT("search", "市自然资源和规划局"), 5);
	ck_assert_int_eq(COUNT("search", "没有的东西"), 0);
	ck_assert_int_eq(COUNT("mode", "申请人自行委托"), 81);
	ck_assert_int_eq(COUNT("mode", "审批部门委托"), 29);
	ck_assert_int_eq(COUNT("qualification", "Q01"), 7);
	ck_assert_int_eq(COUNT("qualification", "Q01", "category", "C30"), 0);
	ck_assert_int_gt(COUNT("category", "C01"), 1);
	pg_free(&pg);
}
END_TEST

START_TEST(pages_hold_every_item_once)
{
	struct pg *pg = market_new();
	const char *cursor = NULL;
	int pages = 0, count = 0;

	do {
		struct pg_answer a = READ(SQL_item_list, "limit", "20", "cursor", cursor);

		count += (int)items(pg, a);
		pages++;
		ck_assert_str_eq(a.next, pg_member(pg, a.body, "/next_cursor"));
		cursor = a.next[0] == '\0' ? NULL : a.next;
	} while (cursor != NULL);
	ck_assert_int_eq(pages, 8);
	ck_assert_int_eq(count, 141);
	ck_assert_int_eq(items(pg, READ(SQL_item_list, "search", NULL)), 50);
	ck_refused(READ(SQL_item_list, "cursor", "b2Zm"), "bad-input", "", "cursor");
	ck_refused(READ(SQL_item_list, "cursor", "!"), "bad-input", "", "cursor");
	pg_free(&pg);
}
END_TEST

START_TEST(a_year_of_the_calendar_is_shown_or_said_to_be_missing)
{
	struct pg *pg = market_new();
	struct pg_answer a = READ(SQL_calendar_list, "year", "2021");

	ck_assert_int_eq(items(pg, a), 38);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/date"), "2021-01-01");
	ck_refused(READ(SQL_calendar_list, "year", "2027"), "calendar-not-loaded",
		"policy.calendar", "year");
	pg_free(&pg);
}
END_TEST

START_TEST(a_category_counts_its_items_and_active_agencies)
{
	struct pg *pg = market_new();
	struct pg_answer a;

	(void)market_agency(pg, "active", "{C01,C02}");
	(void)market_agency(pg, "notice", "{C01}");
	a = READ(SQL_category_list);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/agencies"), "1");
	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/items"),
		pg_value(pg, "SELECT count(*) FROM market.item WHERE category_code = 'C01'"));
	pg_free(&pg);
}
END_TEST

SUITE(catalogue, the_reference_data_loads_once_and_whole,
	a_changed_item_is_a_new_version_and_a_missing_one_is_closed,
	a_wrong_file_changes_nothing_and_is_named,
	a_corrected_calendar_replaces_the_days_of_its_years,
	only_the_migrator_brings_reference_data_in,
	the_catalogue_is_searched_in_both_languages_and_filtered, pages_hold_every_item_once,
	a_year_of_the_calendar_is_shown_or_said_to_be_missing,
	a_category_counts_its_items_and_active_agencies)
