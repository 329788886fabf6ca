/* Who runs due timers, and what becomes of those that failed. */
#include <check.h>

#include "tests/support/market.h"
#include "tests/support/suite.h"

static int
claimed(struct pg *pg, PGconn *conn, const char *limit)
{
	return PQntuples(
		pg_call(pg, conn, SQL_job_claim, "limit", limit, "lease", "30s", NULL).rows);
}

static struct pg *
pg_still(void)
{
	struct pg *pg = pg_new();

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	pg_run(pg, "SELECT api.job_plan('a', 'x', api.now())");
	return pg;
}

START_TEST(a_due_timer_is_claimed_by_one_until_its_lease_runs_out)
{
	struct pg *pg = pg_still();
	struct pg_answer a =
		pg_call(pg, pg->writer, SQL_job_claim, "limit", "9", "lease", "30s", NULL);

	ck_assert_int_eq(PQntuples(a.rows), 1);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "a");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 1), "x");
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 0);
	pg_clock_move(pg, "29.9 seconds");
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 0);
	pg_clock_move(pg, "0.1 seconds");
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	pg_free(&pg);
}
END_TEST

START_TEST(a_timer_is_not_claimed_before_it_is_due_nor_more_than_asked)
{
	struct pg *pg = pg_still();

	pg_run(pg,
		"SELECT api.job_plan('a', 'y', api.now()), api.job_plan('a', 'z', api.now() +"
		" interval '1 second')");
	ck_assert_int_eq(claimed(pg, pg->writer, "1"), 1);
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	pg_clock_move(pg, "1 second");
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	pg_free(&pg);
}
END_TEST

START_TEST(two_who_claim_at_once_do_not_get_the_same)
{
	struct pg *pg = pg_still();
	PGconn *other = pg_connect(pg, "fairlot_writer");

	pg_run(pg, "SELECT api.job_plan('a', 'y', api.now())");
	PQclear(PQexec(other, "BEGIN"));
	ck_assert_int_eq(claimed(pg, other, "1"), 1);
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	PQclear(PQexec(other, "COMMIT"));
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 0);
	PQfinish(other);
	pg_free(&pg);
}
END_TEST

START_TEST(a_failed_timer_comes_back_later_and_later)
{
	struct pg *pg = pg_still();

	for (int s = 1; s <= 4; s *= 2) {
		ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
		(void)pg_call(pg, pg->writer, SQL_job_fail, "kind", "a", "subject", "x", "error",
			"it did not work", NULL);
		pg_run(pg, "UPDATE test.clock SET fixed = fixed + interval '%d seconds'", s - 1);
		ck_assert_int_eq(claimed(pg, pg->writer, "9"), 0);
		pg_clock_move(pg, "1 second");
	}
	ck_assert_str_eq(
		pg_value(pg, "SELECT attempt || last_error FROM market.job"), "3it did not work");
	pg_free(&pg);
}
END_TEST

START_TEST(a_timer_planned_again_while_it_failed_keeps_its_own_time)
{
	struct pg *pg = pg_still();
	struct pg_answer a;

	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	pg_run(pg, "SELECT api.job_plan('a', 'x', api.now())");
	a = pg_call(pg, pg->writer, SQL_job_fail, "kind", "a", "subject", "x", "error", "e", NULL);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	ck_assert_int_eq(claimed(pg, pg->writer, "9"), 1);
	pg_free(&pg);
}
END_TEST

START_TEST(idempotency_keys_go_after_72_hours)
{
	struct pg *pg = pg_still();

	pg_run(pg,
		"INSERT INTO market.idempotency (principal, key, hash, created_at)"
		" VALUES ('u', 'old', '', api.now() - interval '72 hours 1 second'),"
		" ('u', 'new', '', api.now() - interval '72 hours')");
	(void)pg_call(pg, pg->writer, SQL_job_key_purge, "subject", "market", NULL);
	ck_assert_str_eq(
		pg_value(pg, "SELECT string_agg(key, ' ') FROM market.idempotency"), "new");
	ck_assert_str_eq(pg_value(pg,
				 "SELECT due_at - api.now() FROM market.job"
				 " WHERE kind = 'key_purge'"),
		"01:00:00");
	(void)pg_call(pg, pg->writer, SQL_job_key_purge, "subject", "market", NULL);
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.idempotency"), 1);
	pg_free(&pg);
}
END_TEST

SUITE(timer, a_due_timer_is_claimed_by_one_until_its_lease_runs_out,
	a_timer_is_not_claimed_before_it_is_due_nor_more_than_asked,
	two_who_claim_at_once_do_not_get_the_same, a_failed_timer_comes_back_later_and_later,
	a_timer_planned_again_while_it_failed_keeps_its_own_time,
	idempotency_keys_go_after_72_hours)
