/* The generated data set: it loads, it has the published figures to the fen, its draws verify,
 * its ledger holds, and it is loaded once. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/load.h"
#include "lib/draw/verify.h"
#include "tests/support/invariant.h"
#include "tests/support/market.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"

enum {
	DRAWS_VERIFIED = 25,
	FILES_MAX = 16
};

static struct pg *pg; /* the loaded market: made by the first test, looked at by the others */

static void
set_load(void)
{
	char why[LOAD_WHY] = "";

	pg = market_new();
	pg_run(pg,
		"INSERT INTO market.setting VALUES ('origin', 'fairlot.example/market') "
		"ON CONFLICT DO NOTHING");
	ck_assert_msg(load_run(pg_conninfo(pg, "fairlot_migrator"), "changde-2021", NULL, why),
		"%s", why);
}

START_TEST(the_set_has_the_published_figures)
{
	struct pg_answer a;

	set_load();
	a = pg_call(pg, pg->reader, SQL_statistics_get, "year", "2021", NULL);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(pg_member(pg, a.body, "/agencies"), "535");
	ck_assert_str_eq(pg_member(pg, a.body, "/categories"), "30");
	ck_assert_str_eq(pg_member(pg, a.body, "/items"), "141");
	ck_assert_str_eq(pg_member(pg, a.body, "/users"), "10112");
	ck_assert_str_eq(pg_member(pg, a.body, "/orders"), "813");
	ck_assert_str_eq(pg_member(pg, a.body, "/orders_draw"), "500");
	ck_assert_str_eq(pg_member(pg, a.body, "/orders_pick"), "200");
	ck_assert_str_eq(pg_member(pg, a.body, "/orders_auction"), "113");
	ck_assert_str_eq(pg_member(pg, a.body, "/orders_synthetic"), "813");
	ck_assert_str_eq(pg_member(pg, a.body, "/contract_fen"), "48852400000");
	ck_assert_str_eq(pg_member(pg, a.body, "/evidenced_fen"), "48852400000");
}
END_TEST

START_TEST(its_ledger_and_journal_hold)
{
	invariants_hold(pg);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT sum(CASE WHEN t.reverses IS NULL THEN t.amount_fen ELSE "
				 "-t.amount_fen END) "
				 "FROM market.transfer t WHERE t.event = 'evidenced'"),
		48852400000);
}
END_TEST

START_TEST(its_draws_verify)
{
	struct verify_options options = {.draw_only = true};

	for (int i = 0; i < DRAWS_VERIFIED; i++) {
		struct verify_file files[FILES_MAX];
		struct verify_report report;
		struct pg_answer a = pg_ask(pg, pg->super,
			"SELECT f.name, encode(f.body, 'hex') FROM (SELECT d.id FROM market.draw d "
			"ORDER BY d.id OFFSET %d LIMIT 1) d, api.draw_transcript(d.id) f",
			i * 500 / DRAWS_VERIFIED);
		size_t count = (size_t)PQntuples(a.rows);

		ck_assert(count >= 9 && count <= FILES_MAX);
		for (size_t n = 0; n < count; n++) {
			size_t len = 0;
			unsigned char *bytes =
				PQunescapeBytea((const unsigned char *)arena_printf(&pg->arena,
							"\\x%s", PQgetvalue(a.rows, (int)n, 1)),
					&len);

			files[n].name = text_of(PQgetvalue(a.rows, (int)n, 0));
			files[n].bytes = text_span(arena_copy(&pg->arena, bytes, len), len);
			PQfreemem(bytes);
		}
		draw_verify(&pg->arena, files, count, &options, &report);
		ck_assert_int_eq(report.level, 1);
		for (int row = 1; row < CHECK_COUNT; row++)
			ck_assert_msg(report.attempts[0].rows[row].state != VERIFY_FAILS, "%s",
				check_row((enum check)row)->code);
		ck_assert_int_eq(report.verdict, VERDICT_HOLDS);
	}
}
END_TEST

/* What a live market would have refused does not stand in the set. */
START_TEST(its_rows_keep_the_rules_of_its_profile)
{
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.draw d JOIN market.project p ON p.id "
				 "= d.project_id, "
				 "LATERAL (SELECT string_agg(l.agency_id || ' 1 - ' || "
				 "encode(l.leaf, 'hex') || E'\\n', '' "
				 "ORDER BY l.agency_id COLLATE \"C\") FILTER (WHERE l.reason IS "
				 "NULL) AS candidates, "
				 "coalesce(string_agg(l.agency_id || ' ' || l.reason || ' ' || "
				 "encode(l.leaf, 'hex') || E'\\n', '' "
				 "ORDER BY l.agency_id COLLATE \"C\") FILTER (WHERE l.reason IS "
				 "NOT NULL), '') AS excluded "
				 "FROM api.signup_list(p) l) v "
				 "WHERE (v.candidates, v.excluded) IS DISTINCT FROM (d.candidates, "
				 "d.excluded)"),
		0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.orders o WHERE o.contract_at >= "
				 "o.contract_due "
				 "OR o.accepted_at >= o.accept_due"),
		0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.project p JOIN market.policy y ON "
				 "y.hash = p.policy_hash "
				 "WHERE p.deadline_at < api.due(y, 'notice', p.opened_at)"),
		0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.pick k JOIN market.offer f ON f.id = "
				 "k.offer_id "
				 "JOIN market.project p ON p.id = k.project_id "
				 "WHERE (api.pick_fault(p, f, k.at)).code IS NOT NULL OR "
				 "k.answered_at >= k.answer_due "
				 "OR f.created_at > k.at"),
		0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.organisation o WHERE "
				 "api.credit_code(o.credit_code) <> 'ok'"),
		0);
	ck_assert_int_eq(
		pg_number(pg,
			"SELECT count(*) FROM (SELECT b.amount_fen, lag(b.amount_fen) OVER w AS "
			"best, a.* "
			"FROM market.bid b JOIN market.auction a ON a.id = b.auction_id "
			"WINDOW w AS (PARTITION BY b.auction_id ORDER BY b.seq)) s "
			"WHERE s.amount_fen > s.ceiling_fen OR s.amount_fen > s.best - s.step_fen"),
		0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM (SELECT count(DISTINCT b.agency_id) AS n "
				 "FROM market.bid b GROUP BY b.auction_id) s WHERE s.n < 3"),
		0);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.job j WHERE j.kind <> 'key_purge'"), 0);
}
END_TEST

START_TEST(its_times_lie_in_the_working_days_of_2021)
{
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.project p JOIN market.orders o ON "
				 "o.project_id = p.id, "
				 "LATERAL (VALUES (p.opened_at), (p.deadline_at), (o.awarded_at), "
				 "(o.contract_at), "
				 "(o.delivered_at), (o.accepted_at), (o.paid_at)) v (t) "
				 "WHERE NOT api.is_working_day((v.t AT TIME ZONE 'UTC' + interval "
				 "'8 hours')::date) "
				 "OR extract(year FROM v.t AT TIME ZONE 'UTC' + interval '8 "
				 "hours') <> 2021"),
		0);
}
END_TEST

/* Whatever the compiler: what the dice gave, without the texts that follow from it. */
START_TEST(it_is_the_same_every_time)
{
	ck_assert_str_eq(
		pg_value(pg,
			"SELECT encode(sha256(convert_to(string_agg(concat_ws(' ', p.id, o.id, "
			"p.owner_id, p.item_code, p.budget_fen, o.award_fen, api.utc(p.opened_at), "
			"api.utc(o.paid_at), encode(p.commitment, 'hex'), (SELECT string_agg(s.id "
			"|| "
			"encode(s.salt, 'hex'), ' ' ORDER BY s.id) FROM market.signup s "
			"WHERE s.project_id = p.id)), E'\n' ORDER BY p.id), 'UTF8')), 'hex') "
			"FROM market.project p JOIN market.orders o ON o.project_id = p.id"),
		"672e16ca13388dda7e163370c46bb6b6586b05de1d1c1b8ec7e22377416f1825");
}
END_TEST

START_TEST(a_second_load_is_refused)
{
	char why[LOAD_WHY] = "";

	ck_assert(!load_run(pg_conninfo(pg, "fairlot_migrator"), "changde-2021", NULL, why));
	ck_assert_ptr_nonnull(strstr(why, "not empty"));
	ck_assert(!load_run(pg_conninfo(pg, "fairlot_migrator"), "another", NULL, why));
	ck_assert_ptr_nonnull(strstr(why, "changde-2021"));
	pg_free(&pg);
}
END_TEST

SUITE(load, the_set_has_the_published_figures, its_ledger_and_journal_hold, its_draws_verify,
	its_rows_keep_the_rules_of_its_profile, its_times_lie_in_the_working_days_of_2021,
	it_is_the_same_every_time, a_second_load_is_refused)
