/* From the award to the last payment: every step, every refusal, and what each posts. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "proto/shape.h"
#include "tests/sql/choice.h"
#include "tests/support/invariant.h"
#include "tests/support/shaped.h"
#include "tests/support/suite.h"

#define MIXED ",\"fiscal_bp\":3333,\"price_fen\":99999,\"budget_fen\":120001"

extern const struct shape shape_order, shape_order_page, shape_rating, shape_statement;

struct deal {
	struct choice *w;
	struct pg *pg;
	const char *project, *order;
	const char *agency; /* key of the winner */
};

/* An order of the first place, just awarded. */
static struct deal
deal_new(int candidates, const char *more)
{
	struct deal d = {.w = choice_new()};
	struct pg_answer a;

	d.pg = d.w->pg;
	d.project = choice_open(d.w, "draw", more);
	for (int i = 0; i < candidates; i++)
		choice_signup(d.w, d.project, i);
	pg_clock_set(d.pg,
		pg_value(
			d.pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", d.project));
	choice_freeze(d.w, choice_text(d.w, "%s.1", d.project));
	a = choice_contribute(d.w, choice_text(d.w, "%s.1", d.project), d.w->owner);
	choice_accepts(&a, 200);
	pg_clock_move(d.pg, "1 minute");
	ck_assert(choice_job(d.w, SQL_job_project_award, d.project));
	d.order = pg_value(d.pg,
		"SELECT id FROM market.orders WHERE project_id = '%s' ORDER BY place LIMIT 1",
		d.project);
	d.agency = pg_value(d.pg,
		"SELECT k.id FROM market.orders o JOIN market.agency a ON a.id = o.agency_id "
		"JOIN market.api_key k ON k.organisation_id = a.organisation_id WHERE o.id = '%s'",
		d.order);
	return d;
}

/* Whatever a test did, the invariants hold at its end. */
static void
deal_free(struct deal *d)
{
	invariants_hold(d->pg);
	choice_free(&d->w);
}

static long long
version(const struct deal *d)
{
	return pg_number(d->pg, "SELECT version FROM market.orders WHERE id = '%s'", d->order);
}

static const char *
state(const struct deal *d)
{
	return pg_value(d->pg, "SELECT state FROM market.orders WHERE id = '%s'", d->order);
}

static struct pg_answer
step(struct deal *d, enum sql_id id, const char *caller, const char *body)
{
	return choice_call(d->w, id, caller, d->order, version(d), body);
}

static struct pg_answer
file(struct deal *d, long long fen)
{
	return step(d, SQL_order_contract, d->w->owner,
		choice_text(
			d->w, "{\"amount_fen\":%lld,\"number\":\"HT-1\",\"text\":\"合同\"}", fen));
}

static struct pg_answer
money(struct deal *d, enum sql_id id, const char *caller, long long fen)
{
	return step(d, id, caller,
		choice_text(d->w, "{\"amount_fen\":%lld,\"reference\":\"PZ-1\"}", fen));
}

static long long
balance(const struct deal *d, const char *kind, const char *fund)
{
	return pg_number(d->pg,
		"SELECT coalesce(sum(debits_posted - credits_posted), 0) FROM market.account "
		"WHERE order_id IN ('%s', '%s') AND kind = '%s' AND fund = '%s'",
		d->order, d->project, kind, fund);
}

static void
contract(struct deal *d, long long fen)
{
	struct pg_answer a = file(d, fen);

	choice_accepts(&a, 200);
	a = step(d, SQL_order_confirm, d->agency, NULL);
	choice_accepts(&a, 200);
	ck_assert_str_eq(state(d), "in_service");
}

static void
accept(struct deal *d, long long fen)
{
	struct pg_answer a;

	contract(d, fen);
	a = step(d, SQL_order_deliver, d->agency, "{\"note\":\"报告两份\"}");
	choice_accepts(&a, 200);
	a = step(d, SQL_order_accept, d->w->owner, NULL);
	choice_accepts(&a, 200);
	ck_assert_str_eq(state(d), "accepted");
}

/* Whatever the state, the answers are as proto/in describes them. */
static void
answers_are_shaped(struct deal *d)
{
	shaped(d->pg, &shape_order,
		pg_call(d->pg, d->pg->reader, SQL_order_get, "caller", d->agency, "id", d->order,
			NULL));
	shaped(d->pg, &shape_order_page,
		pg_call(d->pg, d->pg->reader, SQL_order_list, "caller", d->w->owner, NULL));
	shaped(d->pg, &shape_statement,
		pg_call(d->pg, d->pg->reader, SQL_order_statement, "caller", d->agency, "id",
			d->order, NULL));
}

START_TEST(an_order_goes_from_award_to_paid_and_posts_every_step)
{
	struct deal d = deal_new(3, MIXED);
	static const long long paid[] = {1, 33332, 66666};
	struct pg_answer a;

	ck_assert_int_eq(balance(&d, "budget_committed", "fiscal"), 0);
	ck_assert_int_eq(balance(&d, "award_committed", "fiscal"), 33329);
	ck_assert_int_eq(balance(&d, "award_committed", "social"), 66670);
	ck_assert_int_eq(balance(&d, "saving", "fiscal") + balance(&d, "saving", "social"), 20002);
	invariants_hold(d.pg);
	answers_are_shaped(&d);
	accept(&d, 99999);
	ck_assert_int_eq(balance(&d, "fee_payable", "fiscal"), 33329);
	ck_assert_str_eq(choice_state(d.w, d.project), "accepted");
	for (int i = 0; i < 3; i++) {
		a = money(&d, SQL_order_pay, d.w->owner, paid[i]);
		choice_accepts(&a, 201);
		invariants_hold(d.pg);
	}
	for (int i = 2; i >= 0; i--) {
		ck_assert_str_eq(state(&d), "accepted");
		a = money(&d, SQL_order_evidence, d.agency, paid[i]);
		choice_accepts(&a, 200);
	}
	answers_are_shaped(&d);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/state"), "paid");
	ck_assert_str_ne(pg_member(d.pg, a.body, "/paid_at"), "null");
	ck_assert_str_eq(choice_state(d.w, d.project), "paid");
	ck_assert_int_eq(balance(&d, "fee_paid_evidenced", "fiscal"), 33329);
	ck_assert_int_eq(balance(&d, "fee_paid_evidenced", "social"), 66670);
	ck_assert_int_eq(balance(&d, "fee_paid_declared", "fiscal"), 0);
	deal_free(&d);
}
END_TEST

START_TEST(a_contract_keeps_within_the_tolerance_of_its_award)
{
	struct deal d = deal_new(3, ""); /* award 100000, tolerance 500 bp, budget 200000 */
	struct pg_answer a = file(&d, 105001);

	choice_refuses(&a, "rule", "TR9");
	ck_assert_str_eq(a.pointer, "/amount_fen");
	a = file(&d, 94999);
	choice_refuses(&a, "rule", "TR9");
	a = file(&d, 105000);
	choice_accepts(&a, 200);
	a = file(&d, 95000);
	choice_accepts(&a, 200);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/contract_fen"), "95000");
	deal_free(&d);
}
END_TEST

START_TEST(a_contract_never_exceeds_the_budget)
{
	struct deal d = deal_new(3, ",\"budget_fen\":100001");
	struct pg_answer a = file(&d, 100002);

	choice_refuses(&a, "rule", "TR9");
	contract(&d, 100001);
	ck_assert_int_eq(balance(&d, "saving", "fiscal"), 0);
	deal_free(&d);
}
END_TEST

START_TEST(a_lower_contract_saves_the_difference)
{
	struct deal d = deal_new(3, MIXED);
	long long fiscal = balance(&d, "saving", "fiscal"),
		  social = balance(&d, "saving", "social");

	contract(&d, 99998);
	ck_assert_int_eq(balance(&d, "award_committed", "fiscal"), 0);
	ck_assert_int_eq(balance(&d, "award_committed", "social"), 0);
	ck_assert_int_eq(balance(&d, "saving", "fiscal") + balance(&d, "saving", "social"),
		fiscal + social + 1);
	deal_free(&d);
}
END_TEST

START_TEST(a_higher_contract_takes_its_excess_back_from_the_saving)
{
	struct deal d = deal_new(3, MIXED);

	contract(&d, 104998);
	ck_assert_int_eq(balance(&d, "contract_committed", "fiscal") +
			balance(&d, "contract_committed", "social"),
		104998);
	ck_assert_int_eq(
		balance(&d, "saving", "fiscal") + balance(&d, "saving", "social"), 120001 - 104998);
	ck_assert_int_eq(balance(&d, "budget_committed", "fiscal"), 0);
	ck_assert_int_eq(balance(&d, "budget_committed", "social"), 0);
	deal_free(&d);
}
END_TEST

START_TEST(a_contract_is_filed_again_until_it_is_confirmed)
{
	struct deal d = deal_new(3, "");
	long long seen = version(&d);
	struct pg_answer a = file(&d, 100000);

	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(d.w, d.project), "contract");
	a = choice_call(d.w, SQL_order_confirm, d.agency, d.order, seen, NULL);
	choice_refuses(&a, "stale", "");
	a = file(&d, 99000);
	choice_accepts(&a, 200);
	a = step(&d, SQL_order_confirm, d.agency, NULL);
	choice_accepts(&a, 200);
	a = file(&d, 100000);
	choice_refuses(&a, "wrong-state", "TR8");
	a = step(&d, SQL_order_confirm, d.agency, NULL);
	choice_refuses(&a, "wrong-state", "TR9");
	deal_free(&d);
}
END_TEST

START_TEST(a_late_confirmation_is_refused_even_if_the_job_has_not_run)
{
	struct deal d = deal_new(3, "");
	struct pg_answer a = file(&d, 100000);

	choice_accepts(&a, 200);
	pg_clock_set(d.pg,
		pg_value(d.pg, "SELECT contract_due FROM market.orders WHERE id = '%s'", d.order));
	a = step(&d, SQL_order_confirm, d.agency, NULL);
	choice_refuses(&a, "late", "TR8");
	pg_clock_move(d.pg, "-1 millisecond");
	a = step(&d, SQL_order_confirm, d.agency, NULL);
	choice_accepts(&a, 200);
	deal_free(&d);
}
END_TEST

START_TEST(an_owner_that_does_not_file_is_written_down_and_may_still_file)
{
	struct deal d = deal_new(3, "");
	struct pg_answer a;

	ck_assert(!choice_job(d.w, SQL_job_contract_due, d.order));
	pg_clock_move(d.pg, "1 hour");
	ck_assert(choice_job(d.w, SQL_job_contract_due, d.order));
	ck_assert(choice_job(d.w, SQL_job_contract_due, d.order));
	ck_assert_int_eq(pg_number(d.pg,
				 "SELECT count(*) FROM market.outbox WHERE kind = 'credit-event' "
				 "AND subject = '%s'",
				 d.order),
		1);
	ck_assert_int_eq(pg_number(d.pg, "SELECT count(*) FROM market.credit_event"), 0);
	ck_assert_str_eq(state(&d), "awarded");
	a = file(&d, 100000);
	choice_accepts(&a, 200);
	a = step(&d, SQL_order_confirm, d.agency, NULL);
	choice_accepts(&a, 200);
	deal_free(&d);
}
END_TEST

START_TEST(an_agency_that_does_not_confirm_loses_the_order_to_the_next)
{
	struct deal d = deal_new(3, MIXED);
	struct pg_answer a = file(&d, 99999);

	choice_accepts(&a, 200);
	pg_clock_move(d.pg, "1 hour");
	ck_assert(choice_job(d.w, SQL_job_contract_due, d.order));
	ck_assert_str_eq(state(&d), "ended");
	ck_assert_int_eq(
		pg_number(d.pg,
			"SELECT count(*) FROM market.credit_event e JOIN market.orders o "
			"ON o.agency_id = e.agency_id WHERE e.kind = 'contract-not-confirmed' "
			"AND o.id = '%s'",
			d.order),
		1);
	ck_assert_int_eq(balance(&d, "award_committed", "social"), 0);
	ck_assert_int_eq(balance(&d, "saving", "social"), 0);
	ck_assert_int_eq(balance(&d, "budget_committed", "fiscal") +
			balance(&d, "budget_committed", "social"),
		120001);
	ck_assert_str_eq(choice_state(d.w, d.project), "selected");
	invariants_hold(d.pg);
	pg_clock_move(d.pg, "1 minute");
	ck_assert(choice_job(d.w, SQL_job_project_award, d.project));
	d.order = pg_value(d.pg,
		"SELECT id FROM market.orders WHERE project_id = '%s' AND place = 2", d.project);
	ck_assert_str_eq(state(&d), "awarded");
	ck_assert_int_eq(balance(&d, "award_committed", "social"), 66670);
	deal_free(&d);
}
END_TEST

START_TEST(each_of_several_winners_spends_its_own_lot)
{
	struct deal d = deal_new(
		4, ",\"winners\":2,\"fiscal_bp\":5000,\"price_fen\":33335,\"budget_fen\":66671");
	struct pg_answer a;

	/* 66671 is 33336 and 33335: one fen is saved, no fund is short of a fen. */
	ck_assert_int_eq(pg_number(d.pg,
				 "SELECT sum(debits_posted - credits_posted) FROM market.account "
				 "WHERE kind = 'saving'"),
		1);
	a = choice_call(d.w, SQL_award_decline, d.agency, d.project, choice_version(d.w, d.project),
		"{\"reason\":\"人手不足\"}");
	choice_accepts(&a, 200);
	ck_assert_str_eq(state(&d), "ended");
	invariants_hold(d.pg);
	pg_clock_move(d.pg, "1 minute");
	ck_assert(choice_job(d.w, SQL_job_project_award, d.project));
	ck_assert_int_eq(balance(&d, "budget_committed", "fiscal"), 0);
	ck_assert_int_eq(balance(&d, "budget_committed", "social"), 0);
	ck_assert_int_eq(pg_number(d.pg,
				 "SELECT count(DISTINCT lot) FROM market.orders "
				 "WHERE project_id = '%s' AND state = 'awarded'",
				 d.project),
		2);
	deal_free(&d);
}
END_TEST

START_TEST(only_its_parties_act_and_strangers_find_nothing)
{
	struct deal d = deal_new(3, "");
	const char *stranger = pg_person(d.pg, "owner", ROLE_OWNER);
	const char *foreign =
		strcmp(d.agency, d.w->agency[0]) == 0 ? d.w->agency[1] : d.w->agency[0];
	static const enum sql_id reads[] = {SQL_order_get, SQL_order_statement};
	struct pg_answer a = step(&d, SQL_order_contract, stranger, "{\"amount_fen\":1}");

	choice_refuses(&a, "not-found", "");
	a = step(&d, SQL_order_contract, d.agency, "{\"amount_fen\":100000}");
	choice_refuses(&a, "forbidden", "");
	a = file(&d, 100000);
	choice_accepts(&a, 200);
	a = step(&d, SQL_order_confirm, foreign, NULL);
	choice_refuses(&a, "not-found", "");
	a = step(&d, SQL_order_confirm, d.w->owner, NULL);
	choice_refuses(&a, "forbidden", "");
	a = step(&d, SQL_order_rate, d.agency,
		"{\"quality\":5,\"time\":5,\"conduct\":5,\"price\":5,\"service\":5}");
	choice_refuses(&a, "not-found", "");
	for (int i = 0; i < 2; i++) {
		a = pg_call(d.pg, d.pg->reader, reads[i], "caller", stranger, "id", d.order, NULL);
		choice_refuses(&a, "not-found", "");
		a = pg_call(d.pg, d.pg->reader, reads[i], "caller", foreign, "id", d.order, NULL);
		choice_refuses(&a, "not-found", "");
		a = pg_call(d.pg, d.pg->reader, reads[i], "caller", d.agency, "id", d.order, NULL);
		choice_accepts(&a, 0);
		a = pg_call(d.pg, d.pg->reader, reads[i], "caller", d.w->regulator, "id", d.order,
			NULL);
		choice_accepts(&a, 0);
	}
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", stranger, NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/items/0/id"), "");
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/items/0/id"), d.order);
	deal_free(&d);
}
END_TEST

START_TEST(payments_add_up_to_the_contract_and_not_a_fen_more)
{
	struct deal d = deal_new(3, "");
	struct pg_answer a;

	contract(&d, 100000);
	a = money(&d, SQL_order_pay, d.w->owner, 1);
	choice_refuses(&a, "wrong-state", "TR10");
	a = step(&d, SQL_order_deliver, d.agency, "{\"note\":\"报告\"}");
	choice_accepts(&a, 200);
	a = step(&d, SQL_order_accept, d.w->owner, NULL);
	choice_accepts(&a, 200);
	a = money(&d, SQL_order_pay, d.w->owner, 100001);
	choice_refuses(&a, "rule", "payment");
	a = money(&d, SQL_order_evidence, d.agency, 1);
	choice_refuses(&a, "rule", "payment");
	a = money(&d, SQL_order_pay, d.w->owner, 60000);
	choice_accepts(&a, 201);
	a = money(&d, SQL_order_pay, d.w->owner, 40001);
	choice_refuses(&a, "rule", "payment");
	a = money(&d, SQL_order_evidence, d.agency, 60001);
	choice_refuses(&a, "rule", "payment");
	a = money(&d, SQL_order_evidence, d.agency, 60000);
	choice_accepts(&a, 200);
	ck_assert_str_eq(state(&d), "accepted");
	deal_free(&d);
}
END_TEST

START_TEST(two_payments_at_once_see_each_other)
{
	struct deal d = deal_new(3, "");
	PGconn *first = pg_connect(d.pg, "postgres");
	static const char body[] = "{\"amount_fen\":60000,\"reference\":\"PZ-1\"}";
	struct pg_answer a;

	accept(&d, 100000);
	a = pg_ask(d.pg, first,
		"BEGIN; SELECT status FROM api.order_pay('%s', 1, 'first', '\\x01', '%s', '%s')",
		d.w->owner, d.order, body);
	ck_assert_str_eq(a.code, "");
	choice_send(d.w, d.pg->writer, SQL_order_pay, d.w->owner, d.order, -1, body);
	ck_assert(pg_waits(d.pg, d.pg->writer));
	PQclear(PQexec(first, "COMMIT"));
	a = pg_receive(d.pg, d.pg->writer);
	choice_refuses(&a, "rule", "payment");
	PQfinish(first);
	deal_free(&d);
}
END_TEST

START_TEST(a_repeated_payment_is_one_payment)
{
	struct deal d = deal_new(3, "");
	static const char body[] = "{\"amount_fen\":40000,\"reference\":\"PZ-1\"}";

	accept(&d, 100000);
	for (int i = 0; i < 2; i++) {
		struct pg_answer a = pg_call(d.pg, d.pg->writer, SQL_order_pay, "caller",
			d.w->owner, "need", "1", "idem", "once", "id", d.order, "body", body, NULL);

		choice_accepts(&a, 201);
		ck_assert_int_eq(a.replayed, i == 1);
	}
	ck_assert_int_eq(
		pg_number(d.pg, "SELECT declared_fen FROM market.orders WHERE id = '%s'", d.order),
		40000);
	deal_free(&d);
}
END_TEST

START_TEST(an_overdue_acceptance_follows_the_profile)
{
	struct deal d = deal_new(3, "");
	struct pg_answer a;

	contract(&d, 100000);
	a = step(&d, SQL_order_deliver, d.agency, "{\"note\":\"报告\"}");
	choice_accepts(&a, 200);
	ck_assert(!choice_job(d.w, SQL_job_accept_due, d.order));
	pg_clock_move(d.pg, "1 hour");
	pg_run(d.pg,
		"UPDATE market.policy SET settings = settings || "
		"'{\"accept_overdue\":\"nothing\"}'");
	ck_assert(choice_job(d.w, SQL_job_accept_due, d.order));
	ck_assert_str_eq(state(&d), "delivered");
	pg_run(d.pg,
		"UPDATE market.policy SET settings = settings || "
		"'{\"accept_overdue\":\"accept\"}'");
	ck_assert(choice_job(d.w, SQL_job_accept_due, d.order));
	ck_assert_str_eq(state(&d), "accepted");
	ck_assert(choice_job(d.w, SQL_job_accept_due, d.order));
	ck_assert_int_eq(balance(&d, "fee_payable", "fiscal"), 100000);
	ck_assert_int_eq(
		pg_number(d.pg, "SELECT count(*) FROM market.job WHERE subject = '%s'", d.order),
		0);
	deal_free(&d);
}
END_TEST

START_TEST(a_rater_rates_once_and_an_edit_is_a_new_version)
{
	struct deal d = deal_new(3, "");
	static const char best[] =
		"{\"quality\":5,\"time\":5,\"conduct\":5,\"price\":5,\"service\":5}";
	static const char worse[] = "{\"quality\":3,\"time\":5,\"conduct\":5,\"price\":5,"
				    "\"service\":5,\"remark\":\"迟\"}";
	struct pg_answer a = step(&d, SQL_order_rate, d.w->owner, best);

	choice_refuses(&a, "wrong-state", "TR11");
	accept(&d, 100000);
	a = step(&d, SQL_order_rate, d.w->owner, best);
	choice_accepts(&a, 201);
	shaped(d.pg, &shape_rating, a);
	answers_are_shaped(&d);
	a = step(&d, SQL_order_rate, d.w->regulator, best);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/rater"), "regulator");
	a = step(&d, SQL_order_rate, d.w->reviewer, best);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/rater"), "operator");
	a = step(&d, SQL_order_rate, d.w->owner, worse);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/n"), "2");
	a = pg_call(d.pg, d.pg->reader, SQL_order_get, "caller", d.w->owner, "id", d.order, NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/ratings/1/rater"), "owner");
	ck_assert_str_eq(pg_member(d.pg, a.body, "/ratings/1/quality"), "3");
	ck_assert_str_eq(pg_member(d.pg, a.body, "/ratings/3"), "");
	ck_assert_int_eq(pg_number(d.pg,
				 "SELECT count(*) FROM market.outbox WHERE kind = 'rating' "
				 "AND convert_from(entry, 'UTF8') LIKE '%%迟%%'"),
		0);
	deal_free(&d);
}
END_TEST

START_TEST(a_list_pages_through_what_its_filters_leave)
{
	struct deal d = deal_new(4, ",\"winners\":3,\"budget_fen\":300000");
	char seen[400] = "";
	const char *cursor = NULL;
	struct pg_answer a;

	for (int page = 0; page < 3; page++) {
		a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, "limit", "1",
			"mode", "draw", "state", "awarded", "project", d.project, "cursor", cursor,
			NULL);
		choice_accepts(&a, 0);
		ck_assert_ptr_null(strstr(seen, pg_member(d.pg, a.body, "/items/0/id")));
		strncat(seen, pg_member(d.pg, a.body, "/items/0/id"), 100);
		cursor = a.next;
		ck_assert_int_eq(*cursor == '\0', page == 2);
	}
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, "mode", "pick", NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/items/0/id"), "");
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, "year", "2024", NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/items/0/id"), "");
	contract(&d, 100000);
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, "year", "2024", NULL);
	ck_assert_str_eq(pg_member(d.pg, a.body, "/items/0/id"), d.order);
	a = pg_call(d.pg, d.pg->reader, SQL_order_list, "caller", d.w->owner, "cursor", "YQ", NULL);
	choice_refuses(&a, "bad-input", "");
	deal_free(&d);
}
END_TEST

SUITE(order, an_order_goes_from_award_to_paid_and_posts_every_step,
	a_contract_keeps_within_the_tolerance_of_its_award, a_contract_never_exceeds_the_budget,
	a_lower_contract_saves_the_difference,
	a_higher_contract_takes_its_excess_back_from_the_saving,
	a_contract_is_filed_again_until_it_is_confirmed,
	a_late_confirmation_is_refused_even_if_the_job_has_not_run,
	an_owner_that_does_not_file_is_written_down_and_may_still_file,
	an_agency_that_does_not_confirm_loses_the_order_to_the_next,
	each_of_several_winners_spends_its_own_lot, only_its_parties_act_and_strangers_find_nothing,
	payments_add_up_to_the_contract_and_not_a_fen_more, two_payments_at_once_see_each_other,
	a_repeated_payment_is_one_payment, an_overdue_acceptance_follows_the_profile,
	a_rater_rates_once_and_an_edit_is_a_new_version,
	a_list_pages_through_what_its_filters_leave)
