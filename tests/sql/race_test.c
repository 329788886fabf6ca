/* Several sessions at one time, and the settable clock.  How to hold a race still: one session
 * stops inside its transaction, pg_waits() tells that the other stands at its lock, then the
 * first goes on. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "proto/op.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"

enum {
	SESSIONS = 8
};

/* As a door: the key, the subject's row, then the clock, then the change. */
static const char write_function[] =
	"CREATE FUNCTION test.pass(caller text, idem text, org text) RETURNS api.answer"
	" LANGUAGE plpgsql AS $$"
	" DECLARE c api.ctx; t timestamptz; BEGIN"
	" c := api.begin(caller, 0, idem, sha256('x'));"
	" IF c.done THEN RETURN api.replay(c); END IF;"
	" PERFORM 1 FROM market.organisation o WHERE o.id = org FOR UPDATE;"
	" t := api.now();"
	" UPDATE market.organisation o SET version = o.version + 1 WHERE o.id = org;"
	" RETURN api.finish(c, 200, NULL, api.utc(t));"
	"END $$";

START_TEST(the_clock_stands_moves_and_runs)
{
	struct pg *pg = pg_new();

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	ck_assert_str_eq(pg_value(pg, "SELECT api.utc(api.now())"), "2024-03-01T01:00:00.000Z");
	pg_clock_move(pg, "1 day");
	ck_assert_str_eq(pg_value(pg, "SELECT api.utc(api.now())"), "2024-03-02T01:00:00.000Z");
	pg_clock_run(pg);
	ck_assert_str_eq(
		pg_value(pg, "SELECT api.now() - clock_timestamp() BETWEEN '-5 s' AND '0'"), "t");
	pg_clock_move(pg, "1 hour");
	ck_assert_str_eq(pg_value(pg,
				 "SELECT api.now() - clock_timestamp()"
				 " BETWEEN '59 min' AND '1 hour'"),
		"t");
	pg_free(&pg);
}
END_TEST

/* A deadline that passes while a call waits for the row has passed for that call. */
START_TEST(the_clock_is_read_after_the_lock)
{
	struct pg *pg = pg_new();
	const char *key = pg_person(pg, "owner", ROLE_OWNER), *org = pg_org_of(pg, key);
	PGconn *first = pg_connect(pg, "postgres"), *second = pg_connect(pg, "postgres");
	struct pg_answer a;

	pg_run(pg, "%s", write_function);
	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	(void)pg_ask(pg, first, "BEGIN");
	(void)pg_ask(pg, first, "SELECT FROM market.organisation WHERE id = '%s' FOR UPDATE", org);
	pg_send_ask(pg, second, "SELECT * FROM test.pass('%s', 'k', '%s')", key, org);
	ck_assert(pg_waits(pg, second));
	pg_clock_move(pg, "1 hour");
	(void)pg_ask(pg, first, "COMMIT");
	a = pg_receive(pg, second);
	ck_assert_str_eq(a.body, "2024-03-01T02:00:00.000Z");
	PQfinish(first);
	PQfinish(second);
	pg_free(&pg);
}
END_TEST

/* All stand at one lock when it opens. */
START_TEST(of_sessions_with_one_key_one_writes_and_all_answer_alike)
{
	struct pg *pg = pg_new();
	const char *key = pg_person(pg, "owner", ROLE_OWNER), *org = pg_org_of(pg, key);
	PGconn *barrier = pg_connect(pg, "postgres"), *session[SESSIONS];
	const char *body = NULL;
	int wrote = 0;

	pg_run(pg, "%s", write_function);
	(void)pg_ask(pg, barrier, "BEGIN");
	(void)pg_ask(
		pg, barrier, "SELECT FROM market.organisation WHERE id = '%s' FOR UPDATE", org);
	for (int i = 0; i < SESSIONS; i++) {
		session[i] = pg_connect(pg, "postgres");
		pg_send_ask(pg, session[i], "SELECT * FROM test.pass('%s', 'k', '%s')", key, org);
		ck_assert(pg_waits(pg, session[i]));
	}
	(void)pg_ask(pg, barrier, "COMMIT");
	for (int i = 0; i < SESSIONS; i++) {
		struct pg_answer a = pg_receive(pg, session[i]);

		ck_assert_int_eq(a.status, 200);
		ck_assert(body == NULL || strcmp(a.body, body) == 0);
		body = a.body;
		wrote += !a.replayed;
		PQfinish(session[i]);
	}
	PQfinish(barrier);
	ck_assert_int_eq(wrote, 1);
	ck_assert_int_eq(
		pg_number(pg, "SELECT version FROM market.organisation WHERE id = '%s'", org), 2);
	pg_free(&pg);
}
END_TEST

SUITE(race, the_clock_stands_moves_and_runs, the_clock_is_read_after_the_lock,
	of_sessions_with_one_key_one_writes_and_all_answer_alike)
