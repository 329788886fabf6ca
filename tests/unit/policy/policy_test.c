#include "lib/policy/policy.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

START_TEST(the_list_is_sorted_and_its_profiles_are_allowed)
{
	for (int k = 0; k < POLICY_KEYS; k++) {
		const struct policy_row *row = &policy_table[k];

		if (k > 0)
			ck_assert_str_lt(policy_table[k - 1].name, row->name);
		ck_assert_msg(
			policy_allows((enum policy_key)k, text_of(row->demo)), "%s", row->name);
		ck_assert_msg(policy_allows((enum policy_key)k, text_of(row->cn_default)), "%s",
			row->name);
		ck_assert(row->summary_en[0] != '\0' && text_is_utf8(text_of(row->summary_zh)));
	}
}
END_TEST

START_TEST(demo_never_touches_the_calendar)
{
	struct policy p;
	struct duration d;

	ck_assert(policy_profile(text_of("demo"), &p));
	for (int k = 0; k < POLICY_KEYS; k++)
		if (policy_table[k].type == POLICY_DUE || policy_table[k].type == POLICY_SPAN) {
			ck_assert(duration_parse(p.values[k], &d));
			ck_assert_msg(d.unit == DURATION_SECONDS || d.unit == DURATION_HOURS, "%s",
				policy_table[k].name);
		}
	ck_assert(!policy_profile(text_of("Demo"), &p));
}
END_TEST

START_TEST(a_profile_is_read_back_from_its_text)
{
	static const char *const names[] = {"demo", "cn-default"};
	struct arena a;

	arena_init(&a, 1 << 16);
	for (int i = 0; i < 2; i++) {
		struct policy p, back;
		struct text rules;

		ck_assert(policy_profile(text_of(names[i]), &p));
		rules = policy_build(&p, &a);
		ck_assert(text_starts(rules, "fairlot-policy/v1\naccept_overdue "));
		ck_assert_int_eq(policy_parse(rules, &back), OK);
		for (int k = 0; k < POLICY_KEYS; k++)
			ck_assert(text_eq(p.values[k], back.values[k]));
		ck_assert(text_eq(policy_build(&back, &a), rules));
	}
	arena_reset(&a);
}
END_TEST

START_TEST(a_profile_may_lack_keys_that_came_later)
{
	struct policy p;
	struct arena a;

	arena_init(&a, 1 << 16);
	ck_assert_int_eq(
		policy_parse(text_of("fairlot-policy/v1\nnotice 3s\nzone -03:30\n"), &p), OK);
	ck_assert(text_is(p.values[POLICY_notice], "3s"));
	ck_assert_ptr_null(p.values[POLICY_standstill].at);
	ck_assert(text_is(policy_build(&p, &a), "fairlot-policy/v1\nnotice 3s\nzone -03:30\n"));
	arena_reset(&a);
}
END_TEST

START_TEST(another_form_of_the_text_is_refused)
{
	static const char *const bad[] = {
		"",
		"fairlot-policy/v2\nnotice 3s\n",
		"fairlot-policy/v1\nnotice 3s",
		"fairlot-policy/v1\r\nnotice 3s\n",
		"fairlot-policy/v1\nnotice  3s\n",
		"fairlot-policy/v1\nnotice 3s \n",
		"fairlot-policy/v1\nnotice\n",
		"fairlot-policy/v1\n\nnotice 3s\n",
		"fairlot-policy/v1\nnotice 3s\nnotice 3s\n",
		"fairlot-policy/v1\nzone +08:00\nnotice 3s\n",
		"fairlot-policy/v1\nnotices 3s\n",
		"fairlot-policy/v1\nnotice 3m\n",
		"fairlot-policy/v1\nauction_window 3wd\n",
		"fairlot-policy/v1\ntie_rule coin\n",
		"fairlot-policy/v1\ntie_rule draw|earliest\n",
		"fairlot-policy/v1\ncontract_tolerance_bp 10001\n",
		"fairlot-policy/v1\nmin_pick 01\n",
		"fairlot-policy/v1\nzone 08:00\n",
		"fairlot-policy/v1\nzone +14:01\n",
	};
	struct policy p;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(policy_parse(text_of(bad[i]), &p) == E_BAD_INPUT, "%s", bad[i]);
}
END_TEST

START_TEST(a_duration_is_a_number_and_a_unit)
{
	static const char *const bad[] = {
		"", "s", "3", "03s", "-3s", "3S", "3w", "3wdd", "0wd", "1000001s", "3 s", "3s "};
	struct duration d = {0};

	ck_assert(duration_parse(text_of("0s"), &d) && d.n == 0 && d.unit == DURATION_SECONDS);
	ck_assert(duration_parse(text_of("2h"), &d) && d.n == 2 && d.unit == DURATION_HOURS);
	ck_assert(duration_parse(text_of("30d"), &d) && d.n == 30 && d.unit == DURATION_DAYS);
	ck_assert(
		duration_parse(text_of("5wd"), &d) && d.n == 5 && d.unit == DURATION_WORKING_DAYS);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_msg(!duration_parse(text_of(bad[i]), &d), "%s", bad[i]);
}
END_TEST

START_TEST(a_zone_is_an_offset_of_at_most_fourteen_hours)
{
	int minutes = 7;

	ck_assert(zone_parse(text_of("+08:00"), &minutes) && minutes == 480);
	ck_assert(zone_parse(text_of("-03:30"), &minutes) && minutes == -210);
	ck_assert(!zone_parse(text_of("+8:00"), &minutes));
	ck_assert(!zone_parse(text_of("+08:60"), &minutes));
	ck_assert(!zone_parse(text_of("+08.00"), &minutes));
	ck_assert_int_eq(minutes, -210);
}
END_TEST

SUITE(policy, the_list_is_sorted_and_its_profiles_are_allowed, demo_never_touches_the_calendar,
	a_profile_is_read_back_from_its_text, a_profile_may_lack_keys_that_came_later,
	another_form_of_the_text_is_refused, a_duration_is_a_number_and_a_unit,
	a_zone_is_an_offset_of_at_most_fourteen_hours)
