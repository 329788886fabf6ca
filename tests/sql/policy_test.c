/* Profiles, their settings, and periods in working days. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/csv.h"
#include "lib/policy/calendar.h"
#include "tests/support/market.h"
#include "tests/support/suite.h"

#define CN "(SELECT p FROM market.policy p WHERE p.name = 'cn-default')"

START_TEST(working_days_of_2021_are_counted_as_announced)
{
	static const struct {
		const char *key, *start, *due;
	} cases[] = {
		/* National Day: 1 to 7 October off; 26 September and 9 October worked. */
		{"notice", "2021-09-30 10:00+08", "2021-10-12 00:00+08"},
		{"pick_answer", "2021-09-30 10:00+08", "2021-10-10 00:00+08"},
		{"pick_answer", "2021-09-24 10:00+08", "2021-09-28 00:00+08"},
		/* A start inside the holidays; the same moment before and after midnight. */
		{"pick_answer", "2021-10-03 08:00+08", "2021-10-10 00:00+08"},
		{"pick_answer", "2021-10-08 23:59:59.999+08", "2021-10-12 00:00+08"},
		{"pick_answer", "2021-10-08 16:00:00+00", "2021-10-13 00:00+08"},
		/* Spring Festival: 11 to 17 February off; 7 and 20 February worked. */
		{"notice", "2021-02-10 09:00+08", "2021-02-21 00:00+08"},
		/* Labour Day: 1 to 5 May off; 25 April and 8 May worked. */
		{"agency_notice", "2021-04-29 09:00+08", "2021-05-11 00:00+08"},
		/* A plain week. */
		{"agency_notice", "2021-03-01 09:00+08", "2021-03-09 00:00+08"},
		/* New Year 2022: 1 to 3 January. */
		{"pick_answer", "2021-12-30 09:00+08", "2022-01-05 00:00+08"},
		/* Hours and days follow the clock, not the calendar. */
		{"auction_duration", "2021-10-01 09:00+08", "2021-10-01 11:00+08"},
		{"auction_window", "2021-10-01 09:00+08", "2021-10-01 09:05+08"},
		{"contract_within", "2021-10-01 09:00+08", "2021-10-31 09:00+08"},
	};
	struct pg *pg = market_new();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_str_eq(pg_value(pg, "SELECT api.utc(api.due(" CN ", '%s', '%s'))",
					 cases[i].key, cases[i].start),
			pg_value(pg, "SELECT api.utc('%s')", cases[i].due));
	pg_free(&pg);
}
END_TEST

static struct calendar
calendar_read(struct arena *a)
{
	const char *path = arena_printf(a, "%s/data/holidays.csv", getenv("FAIRLOT_SOURCE")), *why;
	char *bytes = arena_alloc(a, 65536);
	FILE *f = fopen(path, "rb");
	struct calendar_day *days;
	struct calendar c;
	struct csv t;
	size_t len, line;

	ck_assert_ptr_nonnull(f);
	len = fread(bytes, 1, 65536, f);
	(void)fclose(f);
	ck_assert_int_eq(csv_parse(text_span(bytes, len), a, &t, &line, &why), OK);
	days = arena_array(a, struct calendar_day, t.rows);
	for (size_t i = 1; i < t.rows; i++) {
		ck_assert(date_parse(csv_at(&t, i, 0), &days[i - 1].day));
		days[i - 1].worked = text_is(csv_at(&t, i, 1), "workday");
	}
	c = (struct calendar){.days = days, .count = t.rows - 1};
	c.first = civil_day((struct civil){2021, 1, 1});
	c.last = civil_day((struct civil){2026, 12, 31});
	return c;
}

START_TEST(database_and_library_count_alike_on_every_day)
{
	static const struct {
		const char *key;
		uint32_t n;
	} keys[] = {{"pick_answer", 2}, {"notice", 3}, {"agency_notice", 5}, {"accept_within", 10}};
	struct pg *pg = market_new();
	struct calendar c = calendar_read(&pg->arena);

	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
		struct pg_answer a = pg_ask(pg, pg->super,
			"SELECT api.us(s)::text, api.us(api.due(" CN ", '%s', s))::text"
			" FROM generate_series('2021-01-01 00:00+08'::timestamptz,"
			" '2026-12-10 00:00+08', '31 hours 7 minutes') s",
			keys[k].key);
		struct duration d = {keys[k].n, DURATION_WORKING_DAYS};

		ck_assert_int_gt(PQntuples(a.rows), 1600);
		for (int i = 0; i < PQntuples(a.rows); i++) {
			struct utc start = {strtoll(PQgetvalue(a.rows, i, 0), NULL, 10)}, due;

			ck_assert_int_eq(calendar_due(&c, 480, d, start, &due), OK);
			ck_assert_int_eq(due.us, strtoll(PQgetvalue(a.rows, i, 1), NULL, 10));
		}
	}
	pg_free(&pg);
}
END_TEST

START_TEST(a_period_that_leaves_the_calendar_is_refused)
{
	struct pg *pg = market_new();

	ck_refused(pg_ask(pg, pg->super, "SELECT api.due(" CN ", 'notice', '2026-12-30 09:00+08')"),
		"calendar-not-loaded", "policy.calendar", "");
	ck_refused(pg_ask(pg, pg->super, "SELECT api.due(" CN ", 'notice', '2019-12-30 09:00+08')"),
		"calendar-not-loaded", "policy.calendar", "");
	ck_answered(pg_ask(pg, pg->super,
			    "SELECT api.due(" CN ", 'contract_within', '2030-01-01 09:00+08')"),
		0);
	pg_free(&pg);
}
END_TEST

START_TEST(settings_are_texts_and_numbers_of_the_profile)
{
	struct pg *pg = market_new();

	ck_assert_str_eq(pg_value(pg, "SELECT api.setting(" CN ", 'tie_rule')"), "draw");
	ck_assert_int_eq(
		pg_number(pg, "SELECT api.setting_int(" CN ", 'pick_limit_fen')"), 20000000);
	ck_assert_str_eq(pg_value(pg, "SELECT api.span(" CN ", 'contract_within')"), "720:00:00");
	ck_refused(pg_ask(pg, pg->super, "SELECT api.setting(" CN ", 'none')"), "rule",
		"policy.key", "");
	ck_refused(pg_ask(pg, pg->super, "SELECT api.span(" CN ", 'notice')"), "rule",
		"policy.span", "");
	pg_free(&pg);
}
END_TEST

START_TEST(the_profile_demo_needs_the_markets_word)
{
	struct pg *pg = market_new();

	ck_assert_str_eq(pg_value(pg, "SELECT (api.policy('demo')).name"), "demo");
	ck_assert_str_eq(pg_value(pg, "SELECT (api.policy_of_market()).name"), "demo");
	pg_run(pg, "UPDATE market.setting SET value = 'off'");
	ck_refused(pg_ask(pg, pg->super, "SELECT api.policy('demo')"), "rule", "policy.demo",
		"/profile");
	ck_assert_str_eq(pg_value(pg, "SELECT (api.policy_of_market()).name"), "cn-default");
	ck_refused(pg_ask(pg, pg->super, "SELECT api.policy('other')"), "rule", "policy.profile",
		"/profile");
	pg_free(&pg);
}
END_TEST

START_TEST(a_changed_profile_is_a_new_version_and_the_old_one_stays)
{
	struct pg *pg = market_new();
	const char *text = pg_value(pg, "SELECT body FROM market.policy WHERE name = 'cn-default'");
	const char *hash = pg_value(
		pg, "SELECT encode(hash, 'hex') FROM market.policy WHERE name = 'cn-default'");
	const char *changed = pg_value(pg,
		"SELECT replace(body, 'credit_min 60', 'credit_min 70') FROM market.policy"
		" WHERE name = 'cn-default'");
	struct pg_answer a;

	ck_answered(pg_call(pg, pg->super, SQL_reference_policy, "name", "cn-default", "rules",
			    changed, NULL),
		0);
	ck_assert_int_eq(pg_number(pg, "SELECT (api.policy('cn-default')).version"), 2);
	ck_assert_int_eq(
		pg_number(pg, "SELECT api.setting_int(api.policy('cn-default'), 'credit_min')"),
		70);
	a = pg_call(pg, pg->reader, SQL_policy_get, "id", hash, NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/text"), text);
	ck_assert_str_eq(pg_member(pg, a.body, "/in_force"), "false");
	ck_assert_int_eq(a.version, 1);
	ck_answered(pg_ask(pg, pg->super, "SELECT api.policy_by_hash('\\x%s')", hash), 0);
	/* The first text again: version 1 comes back into force. */
	ck_answered(pg_call(pg, pg->super, SQL_reference_policy, "name", "cn-default", "rules",
			    text, NULL),
		0);
	ck_assert_int_eq(pg_number(pg, "SELECT (api.policy('cn-default')).version"), 1);
	ck_refused(pg_ask(pg, pg->super, "SELECT api.policy_by_hash('\\x00')"), "not-found",
		"policy.hash", "");
	ck_refused(
		pg_call(pg, pg->super, SQL_reference_policy, "name", "x", "rules", "other\n", NULL),
		"bad-input", "reference.policy", "");
	pg_free(&pg);
}
END_TEST

START_TEST(the_public_reads_profiles_in_force_with_text_and_hash)
{
	struct pg *pg = market_new();
	struct pg_answer a = pg_call(pg, pg->reader, SQL_policy_list, NULL);

	ck_assert_str_eq(pg_member(pg, a.body, "/items/0/name"), "cn-default");
	ck_assert_str_eq(pg_member(pg, a.body, "/items/1/name"), "demo");
	a = pg_call(pg, pg->reader, SQL_policy_get, "id", "cn-default", NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/hash"),
		pg_value(pg,
			"SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex') FROM market.policy"
			" WHERE name = 'cn-default'"));
	ck_assert_str_eq(pg_member(pg, a.body, "/settings/0/key"), "accept_overdue");
	ck_refused(pg_call(pg, pg->reader, SQL_policy_get, "id", "other", NULL), "not-found", "",
		"id");
	pg_run(pg, "UPDATE market.setting SET value = 'off'");
	a = pg_call(pg, pg->reader, SQL_policy_list, NULL);
	ck_assert_str_eq(pg_member(pg, a.body, "/items/1"), "");
	pg_free(&pg);
}
END_TEST

SUITE(policy, working_days_of_2021_are_counted_as_announced,
	database_and_library_count_alike_on_every_day, a_period_that_leaves_the_calendar_is_refused,
	settings_are_texts_and_numbers_of_the_profile, the_profile_demo_needs_the_markets_word,
	a_changed_profile_is_a_new_version_and_the_old_one_stays,
	the_public_reads_profiles_in_force_with_text_and_hash)
