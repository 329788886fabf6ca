/* The fee ledger as such: nothing changes, nothing posts twice, exports and totals agree. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "proto/op.h"
#include "proto/shape.h"
#include "tests/sql/choice.h"
#include "tests/support/invariant.h"
#include "tests/support/shaped.h"
#include "tests/support/suite.h"

extern const struct shape shape_transfer_page, shape_ledger_totals, shape_statistics;

/* A project with 1/3 fiscal money whose only order was awarded below its budget. */
struct books {
	struct choice *w;
	struct pg *pg;
	const char *project, *order, *auditor;
};

static struct books
books_new(void)
{
	struct books b = {.w = choice_new()};

	b.pg = b.w->pg;
	b.auditor = pg_person(b.pg, "auditor", ROLE_AUDITOR);
	b.project = choice_open(b.w, "draw", ",\"fiscal_bp\":3333,\"budget_fen\":120001");
	pg_run(b.pg, "UPDATE market.project SET state = 'awarded' WHERE id = '%s'", b.project);
	pg_run(b.pg,
		"INSERT INTO market.standing (project_id, round, place, agency_id, amount_fen, "
		"state, "
		"at) VALUES ('%s', 1, 1, '%s', 100000, 'winner', api.now())",
		b.project, b.w->agency_id[0]);
	b.order = pg_value(b.pg,
		"SELECT api.order_open(p, 1, '%s', 100000, api.now()) FROM market.project p "
		"WHERE p.id = '%s'",
		b.w->agency_id[0], b.project);
	return b;
}

/* Not choice_free(): the tests post what no order did, which its invariants would see. */
static void
books_free(struct books *b)
{
	pg_free(&b->w->pg);
	free(b->w);
}

static struct pg_answer
csv(struct books *b, const char *after, const char *count, const char *upto)
{
	struct pg_answer a = pg_call(b->pg, b->pg->reader, SQL_ledger_csv, "caller", b->auditor,
		"after", after, "count", count, "upto", upto, NULL);

	ck_assert_str_eq(a.code, "");
	return a;
}

static const char *
cell(const struct pg_answer *a, const char *column)
{
	return PQgetvalue(a->rows, 0, PQfnumber(a->rows, column));
}

START_TEST(what_was_written_never_changes)
{
	struct books b = books_new();
	static const char *const changes[] = {"UPDATE market.transfer SET amount_fen = 1",
		"DELETE FROM market.transfer", "TRUNCATE market.transfer CASCADE",
		"UPDATE market.payment SET amount_fen = 2", "DELETE FROM market.payment",
		"TRUNCATE market.payment", "UPDATE market.rating SET quality = 1",
		"DELETE FROM market.rating", "TRUNCATE market.rating",
		"UPDATE market.outbox SET kind = 'x'", "DELETE FROM market.outbox",
		"TRUNCATE market.outbox"};

	pg_run(b.pg,
		"INSERT INTO market.payment VALUES ('%s', 1, 'declared', 1, 'x', 'usr_x', "
		"api.now())",
		b.order);
	pg_run(b.pg,
		"INSERT INTO market.rating VALUES ('%s', 'owner', 1, 'usr_x', 5, 5, 5, 5, 5, NULL, "
		"api.now())",
		b.order);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct pg_answer a = pg_ask(b.pg, b.pg->super, "%s", changes[i]);

		ck_assert_msg(strstr(a.en, "never changed") != NULL, "%s: %s", changes[i], a.en);
	}
	books_free(&b);
}
END_TEST

START_TEST(an_event_posts_once_whoever_repeats_it)
{
	struct books b = books_new();
	long long before = pg_number(b.pg, "SELECT sum(debits_posted) FROM market.account");

	pg_run(b.pg,
		"SELECT api.post('award', api.party_of(o), o.id, o.id || '.award', 0, o.award_fen, "
		"api.now()) "
		"FROM market.orders o");
	pg_run(b.pg, "SELECT api.post_budget(p, api.now()) FROM market.project p");
	ck_assert_int_eq(pg_number(b.pg, "SELECT sum(debits_posted) FROM market.account"), before);
	invariants_hold(b.pg);
	books_free(&b);
}
END_TEST

START_TEST(no_account_goes_below_nothing)
{
	struct books b = books_new();
	struct pg_answer a = pg_ask(b.pg, b.pg->super,
		"SELECT api.post('contract', api.party_of(o), o.id, o.id || '.contract', 0, "
		"o.award_fen + 2, "
		"api.now()) FROM market.orders o");

	ck_assert_ptr_nonnull(strstr(a.en, "account_balance"));
	a = pg_ask(b.pg, b.pg->super,
		"SELECT api.post('acceptance', api.party_of(o), o.id, o.id || '.acceptance', 0, 1, "
		"api.now()) "
		"FROM market.orders o");
	ck_assert_ptr_nonnull(strstr(a.en, "account_balance"));
	invariants_hold(b.pg);
	books_free(&b);
}
END_TEST

START_TEST(a_budget_that_is_left_goes_back_once)
{
	struct books b = books_new();

	pg_run(b.pg, "SELECT api.order_end(p, 1, 'give-up', api.now()) FROM market.project p");
	pg_run(b.pg, "SELECT api.unpost_budget(p, api.now()) FROM market.project p");
	pg_run(b.pg, "SELECT api.unpost_budget(p, api.now()) FROM market.project p");
	pg_run(b.pg, "UPDATE market.project SET state = 'failed'");
	ck_assert_int_eq(
		pg_number(b.pg,
			"SELECT sum(abs(debits_posted - credits_posted)) FROM market.account"),
		0);
	ck_assert_int_eq(
		pg_number(b.pg, "SELECT count(*) FROM market.transfer WHERE event = 'release'"), 2);
	invariants_hold(b.pg);
	books_free(&b);
}
END_TEST

START_TEST(pieces_of_the_export_make_the_whole)
{
	struct books b = books_new();
	struct pg_answer whole = csv(&b, "0", "1000", NULL), piece;
	const char *cut = cell(&whole, "cut");
	char joined[8192] = "", after[32] = "0";

	ck_assert_ptr_eq(strstr(cell(&whole, "chunk"),
				 "transfer_id,at,event,group,order_id,fund,debit,credit,amount_fen,"
				 "reverses\r\n"),
		cell(&whole, "chunk"));
	ck_assert_str_eq(cell(&whole, "last"), cut);
	/* What is posted after the first piece stays outside. */
	pg_run(b.pg, "SELECT api.order_end(p, 1, 'give-up', api.now()) FROM market.project p");
	do {
		piece = csv(&b, after, "1", cut);
		strncat(joined, cell(&piece, "chunk"), sizeof joined - strlen(joined) - 1);
		(void)snprintf(after, sizeof after, "%s", cell(&piece, "last"));
	} while (after[0] != '\0');
	ck_assert_str_eq(joined, cell(&whole, "chunk"));
	ck_assert_ptr_null(strstr(joined, "reversal"));
	piece = csv(&b, cut, "1000", NULL);
	ck_assert_ptr_nonnull(strstr(cell(&piece, "chunk"), "reversal"));
	ck_assert_ptr_null(strstr(cell(&piece, "chunk"), "transfer_id"));
	books_free(&b);
}
END_TEST

START_TEST(the_cut_off_waits_for_postings_in_flight)
{
	struct books b = books_new();
	PGconn *posting = pg_connect(b.pg, "postgres");
	struct pg_answer a = pg_ask(b.pg, posting,
		"BEGIN; SELECT api.order_end(p, 1, 'give-up', api.now()) FROM market.project p");

	ck_assert_str_eq(a.en, "");
	/* Without the lock this index would be seen before a lower one. */
	pg_send(b.pg, b.pg->reader, SQL_ledger_csv, "caller", b.auditor, "after", "0", "count",
		"1000", NULL);
	ck_assert(pg_waits(b.pg, b.pg->reader));
	PQclear(PQexec(posting, "COMMIT"));
	a = pg_receive(b.pg, b.pg->reader);
	ck_assert_ptr_nonnull(strstr(cell(&a, "chunk"), "reversal"));
	PQfinish(posting);
	books_free(&b);
}
END_TEST

START_TEST(totals_count_each_basis_less_what_was_turned_round)
{
	struct books b = books_new();
	struct pg_answer a =
		pg_call(b.pg, b.pg->reader, SQL_ledger_totals, "caller", b.auditor, NULL);

	shaped(b.pg, &shape_ledger_totals, a);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/award_fen"), "100000");
	ck_assert_str_eq(pg_member(b.pg, a.body, "/contract_fen"), "0");
	ck_assert_str_eq(
		pg_member(b.pg, a.body, "/debits_fen"), pg_member(b.pg, a.body, "/credits_fen"));
	a = pg_call(b.pg, b.pg->reader, SQL_ledger_totals, "caller", b.auditor, "fund", "fiscal",
		"year", "2024", "mode", "draw", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/award_fen"), "33330");
	a = pg_call(
		b.pg, b.pg->reader, SQL_ledger_totals, "caller", b.auditor, "mode", "pick", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/transfers"), "0");
	pg_run(b.pg, "SELECT api.order_end(p, 1, 'give-up', api.now()) FROM market.project p");
	a = pg_call(b.pg, b.pg->reader, SQL_ledger_totals, "caller", b.auditor, NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/award_fen"), "0");
	books_free(&b);
}
END_TEST

START_TEST(entries_page_by_index_and_take_filters)
{
	struct books b = books_new();
	struct pg_answer a = pg_call(
		b.pg, b.pg->reader, SQL_ledger_entries, "caller", b.auditor, "limit", "2", NULL);
	int seen = 2;

	shaped(b.pg, &shape_transfer_page, a);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/items/0/event"), "budget");
	while (*a.next != '\0') {
		const char *last = pg_member(b.pg, a.body, "/items/1/index");

		a = pg_call(b.pg, b.pg->reader, SQL_ledger_entries, "caller", b.auditor, "limit",
			"2", "cursor", a.next, NULL);
		ck_assert_str_ne(pg_member(b.pg, a.body, "/items/0/index"), last);
		seen += *pg_member(b.pg, a.body, "/items/1/index") == '\0' ? 1 : 2;
	}
	ck_assert_int_eq(seen, 6);
	a = pg_call(b.pg, b.pg->reader, SQL_ledger_entries, "caller", b.auditor, "event", "saving",
		"fund", "social", "order", b.order, "project", b.project, "after", "1", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/items/0/debit"), "saving");
	ck_assert_str_eq(pg_member(b.pg, a.body, "/items/1"), "");
	books_free(&b);
}
END_TEST

START_TEST(the_ledger_is_for_regulator_and_auditor)
{
	struct books b = books_new();
	static const enum sql_id reads[] = {SQL_ledger_entries, SQL_ledger_totals, SQL_ledger_csv};

	for (int i = 0; i < 3; i++) {
		struct pg_answer a =
			pg_call(b.pg, b.pg->reader, reads[i], "caller", b.w->owner, NULL);

		ck_assert_str_eq(a.code, "forbidden");
		a = pg_call(b.pg, b.pg->reader, reads[i], "caller", NULL, NULL);
		ck_assert_str_eq(a.code, "forbidden");
		a = pg_call(b.pg, b.pg->reader, reads[i], "caller", b.w->regulator, NULL);
		ck_assert_str_eq(a.code, "");
	}
	books_free(&b);
}
END_TEST

/* A contract of 2024-12-31 16:00 UTC was signed in 2025 where the market is. */
START_TEST(statistics_count_years_in_the_zone_of_the_market)
{
	struct books b = books_new();
	struct pg_answer a;

	pg_run(b.pg,
		"UPDATE market.orders SET contract_fen = 99, contract_at = '2024-12-31T16:00:00Z'");
	a = pg_call(b.pg, b.pg->reader, SQL_statistics_get, "year", "2024", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/orders"), "0");
	ck_assert_str_eq(pg_member(b.pg, a.body, "/agencies"), "6");
	a = pg_call(b.pg, b.pg->reader, SQL_statistics_get, "year", "2023", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/agencies"), "0");
	ck_assert_str_eq(pg_member(b.pg, a.body, "/users"), "0");
	a = pg_call(b.pg, b.pg->reader, SQL_statistics_get, "year", "2025", NULL);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/orders_draw"), "1");
	ck_assert_str_eq(pg_member(b.pg, a.body, "/contract_fen"), "99");
	shaped(b.pg, &shape_statistics, a);
	a = pg_call(b.pg, b.pg->reader, SQL_statistics_get, NULL);
	shaped(b.pg, &shape_statistics, a);
	ck_assert_str_eq(pg_member(b.pg, a.body, "/orders"), "1");
	books_free(&b);
}
END_TEST

SUITE(ledger, what_was_written_never_changes, an_event_posts_once_whoever_repeats_it,
	no_account_goes_below_nothing, a_budget_that_is_left_goes_back_once,
	pieces_of_the_export_make_the_whole, the_cut_off_waits_for_postings_in_flight,
	totals_count_each_basis_less_what_was_turned_round, entries_page_by_index_and_take_filters,
	the_ledger_is_for_regulator_and_auditor, statistics_count_years_in_the_zone_of_the_market)
