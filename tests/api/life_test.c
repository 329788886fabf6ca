/* The daemon over time: connections to the database that go, locks that last, a reload, a stream
 * whose reader is slow. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/op.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 10000,
	TRANSFERS = 60000
};

static struct pg *pg;
static struct daemon *server;
static struct client *c;
static char file[64] = "/tmp/fairlot-life-XXXXXX", manager_path[80];
static int manager;

/* In one piece: a reload reads the old text or the new one. */
static void
file_write(const char *text)
{
	char fresh[80];
	FILE *f;

	(void)snprintf(fresh, sizeof fresh, "%s.new", file);
	f = fopen(fresh, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(rename(fresh, file), 0);
}

/* The service manager's end. */
static int
manager_listen(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	(void)snprintf(manager_path, sizeof manager_path, "%s.socket", file);
	memcpy(at.sun_path, manager_path, strlen(manager_path));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)(void *)&at, sizeof at), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", manager_path, 1), 0);
	return fd;
}

static void
setup(void)
{
	const char *flags[] = {"--loops", "2", "--config", file, NULL};

	if (pg == NULL) {
		pg = pg_new();
		ck_assert_int_ge(mkstemp(file), 0);
		file_write("");
		manager = manager_listen();
	}
	if (server == NULL)
		server = daemon_new(pg, flags);
	c = client_new(server->plain, false);
}

static void
teardown(void)
{
	client_free(&c);
}

static bool
is_ready(void *arg)
{
	struct client *admin = client_new(server->admin, false);
	struct answer a = client_call(admin, "GET", "/readyz", "", NULL);

	(void)arg;
	client_free(&admin);
	return a.status == 200;
}

static bool
answers_200(void *arg)
{
	return client_call(c, "GET", arg, "", NULL).status == 200;
}

START_TEST(service_manager_is_told_when_it_is_ready)
{
	char told[64] = "";

	ck_assert_int_gt(recv(manager, told, sizeof told - 1, MSG_DONTWAIT), 0);
	ck_assert_str_eq(told, "READY=1");
}
END_TEST

START_TEST(lost_database_connections_are_opened_again)
{
	ck_assert_int_eq(client_call(c, "GET", "/v1/regions", "", NULL).status, 200);
	for (int i = 0; i < 3; i++) {
		pg_run(pg,
			"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
			"WHERE application_name = 'fairlotd' AND datname = current_database()");
		ck_assert(until(is_ready, NULL, SOON_MS));
		ck_assert(until(answers_200, (void *)(uintptr_t) "/v1/regions", SOON_MS));
	}
}
END_TEST

START_TEST(row_that_stays_locked_is_busy_and_nothing_is_kept)
{
	static const char body[] =
		"{\"kind\":\"owner\",\"name\":\"x\",\"credit_code\":\"91350100M000100Y43\"}";
	struct answer a;

	client_become(c, pg, pg_person(pg, "operator", ROLE_OPERATOR));
	pg_run(pg, "BEGIN");
	pg_run(pg, "LOCK TABLE market.organisation IN EXCLUSIVE MODE");
	a = client_call(c, "POST", "/v1/organisations", "Idempotency-Key: busy\r\n", body);
	pg_run(pg, "COMMIT");
	ck_assert_int_eq(a.status, 503);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "busy");
	ck_assert(text_is(answer_field(&a, "Retry-After"), "1"));
	a = client_call(c, "POST", "/v1/organisations", "Idempotency-Key: busy\r\n", body);
	ck_assert_int_eq(a.status, 201);
	ck_assert_ptr_null(answer_field(&a, "Idempotency-Replayed").at);
}
END_TEST

static bool
rate_is_tight(void *arg)
{
	struct answer a = client_call(c, "GET", "/v1/regions", "", NULL);

	(void)arg;
	return a.status != 0 && strstr(a.head.at, "q=14;") != NULL;
}

START_TEST(reload_takes_over_what_it_may_and_refuses_the_rest_whole)
{
	ck_assert_int_eq(client_call(c, "GET", "/v1/regions", "", NULL).status, 200);
	file_write("[rate]\naddress = 7\n");
	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	ck_assert(until(rate_is_tight, NULL, SOON_MS)); /* on the connection that was there */
	file_write("[rate]\naddress = 5000\n[db]\nlong = 2\n");
	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	file_write("[rate]\nadress = 5000\n");
	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	ck_assert(until(rate_is_tight, NULL, SOON_MS));
	ck_assert_int_eq(client_call(c, "GET", "/livez", "", NULL).status, 200);
	file_write("[rate]\naddress = 5000\n");
	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	ck_assert(until(answers_200, (void *)(uintptr_t) "/v1/regions", SOON_MS));
}
END_TEST

static int64_t
memory_kib(void)
{
	char path[64], line[128];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)server->pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "VmRSS: %ld kB", &kib) == 1)
			break;
	(void)fclose(f);
	return kib;
}

/* Transfers of no order, past every constraint: only their number matters here. */
static void
transfers_make(int count)
{
	pg_run(pg, "SET session_replication_role = replica");
	pg_run(pg,
		"INSERT INTO market.account (owner_id, agency_id, order_id, fund, kind) VALUES "
		"('o', '-', 'x', 'fiscal', 'budget_committed'), "
		"('o', '-', 'x', 'fiscal', 'budget_contra')");
	pg_run(pg,
		"INSERT INTO market.transfer (id, at, event, group_id, project_id, order_id, fund, "
		"debit_id, credit_id, amount_fen, recorded_at) SELECT 'trf_' || i, api.now(), "
		"'budget', 'g', 'prj_x', '-', 'fiscal', (SELECT min(id) FROM market.account), "
		"(SELECT max(id) FROM market.account), 100, api.now() FROM generate_series(1, %d) "
		"i",
		count);
	pg_run(pg, "SET session_replication_role = DEFAULT");
}

/* 60,000 transfers are some 8 MB of CSV.  A reader that stops is waited for, with what the socket
 * and one buffer hold, and then gets the rest. */
START_TEST(export_waits_for_its_reader_in_constant_memory)
{
	struct client *other;
	struct answer a;
	int64_t before;
	size_t lines = 0;

	transfers_make(TRANSFERS);
	client_become(c, pg, pg_person(pg, "auditor", ROLE_AUDITOR));
	ck_assert_int_eq(client_call(c, "GET", "/v1/me", "", NULL).status, 200);
	before = memory_kib();
	client_say(c,
		arena_printf(&c->arena,
			"GET /v1/ledger.csv HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
			"%s\r\n\r\n",
			c->key));
	ck_assert(client_wait(c, SOON_MS));
	other = client_new(server->plain, false); /* the loops serve on meanwhile */
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(client_call(other, "GET", "/v1/regions", "", NULL).status, 200);
	client_free(&other);
	ck_assert_int_lt(memory_kib() - before, 40000);
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 200);
	for (size_t i = 0; i < a.body.len; i++)
		lines += a.body.at[i] == '\n';
	ck_assert_uint_eq(lines, TRANSFERS + 1);
	ck_assert_int_lt(memory_kib() - before, 40000);
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	daemon_free(&server);
	pg_free(&pg);
	(void)unlink(file);
	(void)unlink(manager_path);
	(void)close(manager);
}
END_TEST

SUITE_WITH(life, setup, teardown, daemon_ends_with_status_0,
	service_manager_is_told_when_it_is_ready, lost_database_connections_are_opened_again,
	row_that_stays_locked_is_busy_and_nothing_is_kept,
	reload_takes_over_what_it_may_and_refuses_the_rest_whole,
	export_waits_for_its_reader_in_constant_memory)
