/* The wire to the database is cut at each point a write passes: before its send, after its Sync,
 * before its answer is read.  The client is told "busy" only when nothing can have happened, and
 * a repeat with the same key always ends with exactly one row. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "proto/op.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 10000
};

static struct pg *pg;
static struct daemon *server;
static struct client *c, *admin;

static const char *const one_loop[] = {"--loops", "1", NULL};

static const char *const codes[] = {"91350100M000100Y43", "91330100799655058B",
	"9144030071526726XG", "914403001922038216", "91110000802100433B"};

static void
setup(void)
{
	if (pg == NULL)
		pg = pg_new();
	if (server == NULL)
		server = daemon_new(pg, one_loop);
	c = client_new(server->plain, false);
	admin = client_new(server->admin, false);
	client_become(c, pg, pg_person(pg, "operator", ROLE_OPERATOR));
	ck_assert_int_eq(client_call(c, "GET", "/v1/me", "", NULL).status, 200);
}

static void
teardown(void)
{
	client_free(&c);
	client_free(&admin);
}

static void
arm(const char *point, int n)
{
	struct answer a = client_call(
		admin, "PUT", arena_printf(&admin->arena, "/faults/%s/%d", point, n), "", NULL);

	ck_assert_int_eq(a.status, 204);
}

static struct answer
enter(const char *key, const char *code)
{
	return client_call(c, "POST", "/v1/organisations",
		arena_printf(&c->arena, "Idempotency-Key: %s\r\n", key),
		arena_printf(&c->arena,
			"{\"kind\":\"owner\",\"name\":\"n\",\"credit_code\":\"%s\"}", code));
}

static struct {
	const char *key, *code;
	struct answer answer;
} tried;

static bool
enters(void *arg)
{
	(void)arg;
	tried.answer = enter(tried.key, tried.code);
	return tried.answer.status == 201;
}

static int64_t
rows(const char *code)
{
	return pg_number(
		pg, "SELECT count(*) FROM market.organisation WHERE credit_code = '%s'", code);
}

static const struct {
	const char *point, *code;
	bool replayed; /* certain: the cut came behind a commit */
} cuts[] = {
	{"db_before_send", "busy", false},
	{"db_after_sync", "outcome-unknown", false},
	{"db_before_result", "outcome-unknown", true},
};

START_TEST(cut_write_is_repeated_to_exactly_one_row)
{
	struct answer a;

	tried.key = cuts[_i].point;
	tried.code = codes[_i];
	arm(cuts[_i].point, 1);
	a = enter(tried.key, tried.code);
	ck_assert_int_eq(a.status, 503);
	ck_assert_str_eq(answer_member(c, &a, "/code"), cuts[_i].code);
	ck_assert(text_is(answer_field(&a, "Retry-After"), "1"));
	ck_assert(until(enters, NULL, SOON_MS));
	if (cuts[_i].replayed)
		ck_assert(text_is(answer_field(&tried.answer, "Idempotency-Replayed"), "true"));
	ck_assert_int_eq(rows(tried.code), 1);
}
END_TEST

START_TEST(cut_read_is_busy_and_served_again)
{
	struct answer a;

	arm(cuts[_i].point, 1);
	a = client_call(c, "GET", "/v1/regions", "", NULL);
	ck_assert_int_eq(a.status, 503);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "busy");
	do
		a = client_call(c, "GET", "/v1/regions", "", NULL);
	while (a.status == 503);
	ck_assert_int_eq(a.status, 200);
}
END_TEST

START_TEST(answer_cut_in_its_middle_is_there_at_the_repeat)
{
	struct answer a;

	arm("short_write", 2); /* the first is the answer to this very request */
	a = enter("short", codes[3]);
	ck_assert_int_eq(a.status, 0);
	a = enter("short", codes[3]);
	ck_assert_int_eq(a.status, 201);
	ck_assert(text_is(answer_field(&a, "Idempotency-Replayed"), "true"));
}
END_TEST

START_TEST(request_beyond_its_memory_is_refused)
{
	arm("arena_limit", 1);
	ck_assert_int_eq(client_call(c, "GET", "/v1/items", "", NULL).status, 413);
	ck_assert_int_eq(client_call(c, "GET", "/v1/items", "", NULL).status, 200);
}
END_TEST

START_TEST(daemon_that_died_after_a_sync_finds_its_answer)
{
	int status;

	arm("exit", 1);
	ck_assert_int_eq(enter("exit", codes[4]).status, 0);
	ck_assert_int_eq(waitpid(server->pid, &status, 0), server->pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	daemon_restart(server, one_loop);
	(void)snprintf(c->address, sizeof c->address, "%s", server->plain);
	client_reopen(c);
	tried.key = "exit";
	tried.code = codes[4];
	ck_assert(until(enters, NULL, SOON_MS));
	ck_assert_int_eq(rows(tried.code), 1);
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	daemon_free(&server);
	pg_free(&pg);
}
END_TEST

SUITE_WITH(cut, setup, teardown, daemon_ends_with_status_0,
	suite_loop(cut_write_is_repeated_to_exactly_one_row, 3),
	suite_loop(cut_read_is_busy_and_served_again, 3),
	answer_cut_in_its_middle_is_there_at_the_repeat, request_beyond_its_memory_is_refused,
	daemon_that_died_after_a_sync_finds_its_answer)
