/* HTTP through real sockets, plain and TLS: what is refused and taken, order, limits, deadlines,
 * and clients that go away.  The parser's own tests are in unit/proto. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

#define GET_ITEMS "GET /v1/items?limit=1 HTTP/1.1\r\n"
#define HOST	  "Host: a\r\n"

enum {
	SOON_MS = 5000
};

static struct pg *pg;
static struct daemon *server;

/* The flags of the daemon that the tests before had, or a fresh one. */
static const char *const *running;

static void
serve(const char *const *flags)
{
	if (pg == NULL)
		pg = pg_new();
	if (server != NULL && running != flags)
		daemon_free(&server);
	if (server == NULL)
		server = daemon_new(pg, flags);
	running = flags;
}

static struct client *
open_one(int tls)
{
	return client_new(tls ? server->tls : server->plain, tls != 0);
}

START_TEST(what_is_not_strict_is_answered_with_its_status_and_closed)
{
	static const struct {
		const char *bytes;
		int status;
	} rows[] = {
		{"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
		{GET_ITEMS "Host: a\n\r\n", 400},
		{GET_ITEMS "Host: a\rb\r\n\r\n", 400},
		{GET_ITEMS "\r\n", 400},
		{GET_ITEMS HOST HOST "\r\n", 400},
		{GET_ITEMS HOST "X : 1\r\n\r\n", 400},
		{GET_ITEMS HOST "X: 1\r\n folded\r\n\r\n", 400},
		{GET_ITEMS HOST "X\x01: 1\r\n\r\n", 400},
		{"GET /% HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET /%00 HTTP/1.1\r\n" HOST "\r\n", 400},
		{"GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST
		 "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
			400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST
		 "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
			400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\nabc", 400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST "Content-Length : 3\r\n\r\nabc", 400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST "Content-Length: 3\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n",
			400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501},
		{"POST /v1/projects HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc",
			400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST
		 "Transfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n",
			400},
		{"POST /v1/projects HTTP/1.1\r\n" HOST
		 "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n",
			417},
		{"TRACE / HTTP/1.1\r\n" HOST "\r\n", 501},
		{"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
		{"POST /v1/projects HTTP/1.1\r\n" HOST "Content-Length: 300000\r\n\r\n", 413},
	};

	serve(NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct client *c = open_one(_i);
		struct answer a;

		client_say(c, rows[i].bytes);
		a = client_answer(c, false);
		/* A body is refused after its sender is: that one had no key. */
		ck_assert_msg(a.status == rows[i].status ||
				(a.status == 401 &&
					strstr(rows[i].bytes, "chunked\r\n\r\n") != NULL),
			"%d for %s", a.status, rows[i].bytes);
		ck_assert_msg(text_is(answer_field(&a, "Content-Type"), "application/problem+json"),
			"%s", rows[i].bytes);
		if (a.status != 401)
			ck_assert_msg(client_ends(c, SOON_MS), "open after %s", rows[i].bytes);
		client_free(&c);
	}
}
END_TEST

START_TEST(caps_hold)
{
	char *big = calloc(1, 70000);
	struct client *c;

	serve(NULL);
	memset(big, 'a', 69999);
	c = open_one(_i);
	client_say(c, "GET /");
	client_send(c, big, 9000);
	ck_assert_int_eq(client_answer(c, false).status, 414);
	client_free(&c);
	c = open_one(_i);
	client_say(c, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	client_send(c, big, 40000);
	ck_assert_int_eq(client_answer(c, false).status, 431);
	client_free(&c);
	c = open_one(_i);
	client_say(c, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 100; i++)
		client_say(c, "X: 1\r\n");
	client_say(c, "\r\n");
	ck_assert_int_eq(client_answer(c, false).status, 431);
	client_free(&c);
	free(big);
}
END_TEST

START_TEST(what_rfc_9112_allows_is_taken)
{
	static const char *const rows[] = {
		"\r\n" GET_ITEMS HOST "\r\n",
		"GET /v1/items?limit=1 HTTP/1.0\r\n\r\n",
		"GET http://b/v1/items?limit=1 HTTP/1.1\r\n" HOST "\r\n",
		GET_ITEMS "hOST:a \t\r\nX-Y: \xff\r\n\r\n",
		GET_ITEMS HOST "Content-Length: 0\r\n\r\n",
	};

	serve(NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct client *c = open_one(_i);
		struct answer a;

		client_say(c, rows[i]);
		a = client_answer(c, false);
		ck_assert_msg(a.status == 200, "%d for %s", a.status, rows[i]);
		ck_assert_msg(text_is(answer_field(&a, "X-Content-Type-Options"), "nosniff"), " ");
		ck_assert_ptr_nonnull(answer_field(&a, "X-Request-Id").at);
		if (strstr(rows[i], "HTTP/1.0") != NULL)
			ck_assert(client_ends(c, SOON_MS));
		client_free(&c);
	}
}
END_TEST

START_TEST(request_may_come_byte_by_byte)
{
	static const char bytes[] = GET_ITEMS HOST "\r\n";
	struct client *c;

	serve(NULL);
	c = open_one(_i);
	for (size_t i = 0; i < sizeof bytes - 1; i++)
		client_send(c, bytes + i, 1);
	ck_assert_int_eq(client_answer(c, false).status, 200);
	client_free(&c);
}
END_TEST

/* 200 requests at once: more than may be in work, so reading stops and goes on. */
START_TEST(pipelined_requests_are_answered_in_their_order)
{
	static const char *const targets[] = {
		"/livez", "/v1/items?limit=1", "/none", "/v1/regions"};
	char id[32];
	struct client *c;
	struct buf b;

	serve(NULL);
	c = open_one(_i);
	buf_init(&b, &c->arena, 65536);
	for (int i = 0; i < 200; i++)
		buf_printf(&b, "GET %s HTTP/1.1\r\n" HOST "X-Request-Id: r%d\r\n\r\n",
			targets[i % 4], i);
	client_send(c, b.at, b.len);
	for (int i = 0; i < 200; i++) {
		struct answer a = client_answer(c, false);

		(void)snprintf(id, sizeof id, "r%d", i);
		ck_assert_msg(text_is(answer_field(&a, "X-Request-Id"), id), "%s: %s", id,
			a.head.at == NULL ? "" : a.head.at);
		ck_assert_int_eq(a.status, i % 4 == 2 ? 404 : 200);
	}
	client_free(&c);
}
END_TEST

START_TEST(head_options_and_other_methods_are_answered)
{
	struct client *c;
	struct answer a;

	serve(NULL);
	c = open_one(_i);
	a = client_call(c, "HEAD", "/v1/statistics", "", NULL);
	ck_assert_int_eq(a.status, 200);
	ck_assert(answer_field(&a, "Content-Length").len >= 2);
	a = client_call(c, "OPTIONS", "/v1/projects", "", NULL);
	ck_assert_int_eq(a.status, 204);
	ck_assert_ptr_nonnull(strstr(a.head.at, "POST"));
	ck_assert_int_eq(client_call(c, "OPTIONS", "*", "", NULL).status, 204);
	ck_assert_int_eq(client_call(c, "OPTIONS", "/v1/nothing", "", NULL).status, 404);
	a = client_call(c, "DELETE", "/v1/projects", "", NULL);
	ck_assert_int_eq(a.status, 405);
	ck_assert_ptr_nonnull(answer_field(&a, "Allow").at);
	a = client_call(c, "GET", "/v1/nothing", "", NULL);
	ck_assert_int_eq(a.status, 404);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "not-found");
	a = client_call(c, "GET", "/metrics", "", NULL);
	ck_assert_int_eq(a.status, 404);
	/* A body changes nothing about a path or a method that is wrong. */
	ck_assert_int_eq(client_call(c, "POST", "/v1/nothing", "", "{\"a\":1}").status, 404);
	ck_assert_int_eq(client_call(c, "POST", "/v1/statistics", "", "{\"a\":1}").status, 405);
	client_free(&c);
}
END_TEST

START_TEST(continue_is_said_only_to_who_may_send_a_body)
{
	static const char head[] = "POST /v1/organisations HTTP/1.1\r\n" HOST
				   "Content-Type: application/json\r\nIdempotency-Key: c%d\r\n"
				   "Expect: 100-continue\r\nContent-Length: 2\r\n%s%s%s\r\n";
	struct client *c;
	struct answer a;

	serve(NULL);
	c = open_one(_i);
	client_say(c, arena_printf(&c->arena, head, _i, "", "", ""));
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 401);
	ck_assert(client_ends(c, SOON_MS));
	client_reopen(c);
	client_become(c, pg, pg_person(pg, "operator", 4));
	client_say(c, arena_printf(&c->arena, head, _i, "Authorization: Bearer ", c->key, "\r\n"));
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 100);
	client_say(c, "{}");
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 400);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "bad-input");
	client_free(&c);
}
END_TEST

static const char *const impatient[] = {"--http.handshake_timeout", "300ms", "--http.head_timeout",
	"300ms", "--http.body_timeout", "300ms", "--http.body_rate", "1GiB", "--http.write_timeout",
	"500ms", "--http.idle_timeout", "600ms", "--http.linger", "200ms", NULL};

START_TEST(slow_clients_meet_their_deadlines)
{
	struct client *c;
	struct answer a;

	serve(impatient);
	c = open_one(_i); /* idle */
	ck_assert(client_ends(c, SOON_MS));
	ck_assert_uint_eq(c->in_len, 0);
	client_reopen(c);
	client_say(c, "GET /v1/items HTTP/1.1\r\nHost:");
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 408);
	ck_assert(client_ends(c, SOON_MS));
	client_reopen(c);
	client_become(c, pg, pg_person(pg, "operator", 4));
	client_say(c,
		arena_printf(&c->arena,
			"POST /v1/organisations HTTP/1.1\r\n" HOST
			"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
			"Idempotency-Key: slow%d\r\nContent-Length: 100\r\n\r\n{",
			c->key, _i));
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 408);
	ck_assert(client_ends(c, SOON_MS));
	client_free(&c);
}
END_TEST

START_TEST(handshake_has_a_deadline)
{
	struct client *c;

	serve(impatient);
	c = client_new(server->tls, false); /* connects, and says nothing of TLS */
	ck_assert(client_ends(c, SOON_MS));
	client_free(&c);
}
END_TEST

/* It asks and asks and reads nothing: its requests stop being read, then it is cut. */
START_TEST(client_that_does_not_read_is_cut)
{
	struct client *c;
	int sent = 0;

	serve(impatient);
	c = open_one(_i);
	while (!c->ended && sent < 200000) {
		struct timeval soon = {.tv_sec = 3};
		static const char request[] = "GET /openapi.json HTTP/1.1\r\n" HOST "\r\n";

		(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
		if (c->ssl != NULL)
			break; /* the same code; a TLS write cannot be told to stop */
		if (send(c->fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
			break;
		sent++;
	}
	ck_assert_int_lt(sent, 200000);
	client_free(&c);
	c = open_one(_i);
	ck_assert_int_eq(client_call(c, "GET", "/livez", "", NULL).status, 200);
	client_free(&c);
}
END_TEST

/* More requests than may be at work, over connections that take one statement at a time: what
 * exceeds a limit is not read, or waits for a place, and all are answered. */
START_TEST(full_loop_slows_down_and_loses_nothing)
{
	enum {
		MANY = 12,
		EACH = 40
	};
	static const char *const flags[] = {"--loops", "1", "--task.limit", "16", "--db.batches",
		"1", "--db.readers", "1", NULL};
	struct client *c[MANY];
	struct buf b;

	serve(flags);
	for (int i = 0; i < MANY; i++) {
		c[i] = open_one(i % 2);
		buf_init(&b, &c[i]->arena, 4096);
		for (int j = 0; j < EACH; j++)
			buf_str(&b, "GET /v1/regions HTTP/1.1\r\n" HOST "\r\n");
		client_send(c[i], b.at, b.len);
	}
	for (int i = 0; i < MANY; i++) {
		for (int j = 0; j < EACH; j++)
			ck_assert_int_eq(client_answer(c[i], false).status, 200);
		client_free(&c[i]);
	}
}
END_TEST

/* Large bodies come in many reads, over TLS in many records. */
START_TEST(body_up_to_its_limit_is_read_whole)
{
	enum {
		LARGE = 250000
	};
	char *body = calloc(1, LARGE + 1);
	struct client *c;
	struct answer a;

	serve(NULL);
	memset(body, 'x', LARGE);
	memcpy(body, "{\"name\":\"", 9);
	memcpy(body + LARGE - 2, "\"}", 2);
	c = open_one(_i);
	client_become(c, pg, pg_person(pg, "operator", 4));
	a = client_call(c, "POST", "/v1/organisations", "", body);
	ck_assert_int_eq(a.status, 400);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "bad-input");
	ck_assert_ptr_nonnull(strstr(a.body.at, "\"/name\""));
	client_free(&c);
	free(body);
}
END_TEST

static const char *const narrow[] = {"--listen.per_address", "3", "--loops", "1", "--rate.address",
	"40", "--rate.burst", "1", NULL};

START_TEST(connections_of_one_address_are_counted)
{
	struct client *c[4];

	serve(narrow);
	for (int i = 0; i < 4; i++)
		c[i] = open_one(0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(client_call(c[i], "GET", "/livez", "", NULL).status, 200);
	ck_assert(client_ends(c[3], SOON_MS));
	client_free(&c[0]);
	do
		client_reopen(c[3]);
	while (client_call(c[3], "GET", "/livez", "", NULL).status != 200);
	for (int i = 1; i < 4; i++)
		client_free(&c[i]);
}
END_TEST

START_TEST(requests_beyond_the_rate_are_refused)
{
	struct client *c;
	struct answer a;
	int n = 0;

	serve(narrow);
	c = open_one(0);
	while (client_call(c, "GET", "/livez", "", NULL).status != 200)
		client_reopen(c); /* those of the test before may still be counted */
	do
		a = client_call(c, "GET", "/v1/regions", "", NULL);
	while (a.status == 200 && n++ < 1000);
	ck_assert_int_eq(a.status, 429);
	ck_assert_int_ge(n, 40);
	ck_assert(text_is(answer_field(&a, "Retry-After"), "1"));
	ck_assert_ptr_nonnull(answer_field(&a, "RateLimit-Policy").at);
	client_free(&c);
}
END_TEST

/* The daemon inherits a small limit; when its descriptors are gone it refuses, and recovers. */
START_TEST(server_without_descriptors_refuses_and_recovers)
{
	static const char *const flags[] = {"--loops", "1", NULL};
	struct rlimit before, small;
	struct client *many[120] = {0}, *c;

	if (server != NULL)
		daemon_free(&server);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	small = before;
	small.rlim_cur = 64;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &small), 0);
	pg = pg == NULL ? pg_new() : pg;
	server = daemon_new(pg, flags);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	running = flags;
	for (int i = 0; i < 120; i++)
		many[i] = open_one(0);
	ck_assert(client_ends(many[119], SOON_MS));
	for (int i = 0; i < 120; i++)
		client_free(&many[i]);
	c = open_one(0);
	while (client_call(c, "GET", "/v1/regions", "", NULL).status != 200)
		client_reopen(c);
	client_free(&c);
}
END_TEST

static bool
waits_for_lock(void *arg)
{
	(void)arg;
	return pg_number(pg,
		       "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
		       "AND datname = current_database() AND usename = 'fairlot_writer'") > 0;
}

static bool
is_stored(void *arg)
{
	return pg_number(pg,
		       "SELECT count(*) FROM market.idempotency WHERE key = '%s' AND status = 201",
		       (const char *)arg) > 0;
}

START_TEST(write_of_a_client_that_went_away_is_done_and_kept)
{
	static const char body[] =
		"{\"kind\":\"owner\",\"name\":\"水利局\",\"credit_code\":\"%s\"}";
	static const char *const codes[] = {"91350100M000100Y43", "91330100799655058B"};
	struct linger reset = {1, 0};
	struct client *c;
	struct answer a;
	const char *key = _i ? "gone1" : "gone0", *fields, *text;

	serve(NULL);
	c = open_one(_i);
	client_become(c, pg, pg_person(pg, "operator", 4));
	fields = arena_printf(&c->arena, "Idempotency-Key: %s\r\n", key);
	text = arena_printf(&c->arena, body, codes[_i]);
	pg_run(pg, "BEGIN");
	pg_run(pg, "LOCK TABLE market.organisation IN EXCLUSIVE MODE");
	client_say(c,
		arena_printf(&c->arena,
			"POST /v1/organisations HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n%s"
			"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			c->key, fields, strlen(text), text));
	ck_assert(until(waits_for_lock, NULL, SOON_MS));
	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	client_reopen(c);
	pg_run(pg, "COMMIT");
	ck_assert(until(is_stored, (void *)(uintptr_t)key, SOON_MS));
	a = client_call(c, "POST", "/v1/organisations", fields, text);
	ck_assert_int_eq(a.status, 201);
	ck_assert(text_is(answer_field(&a, "Idempotency-Replayed"), "true"));
	client_free(&c);
}
END_TEST

START_TEST(client_that_closed_its_side_gets_its_answers)
{
	struct client *c;

	serve(NULL);
	c = open_one(0);
	client_say(c, GET_ITEMS HOST "\r\n" GET_ITEMS HOST "\r\n");
	ck_assert_int_eq(shutdown(c->fd, SHUT_WR), 0);
	ck_assert_int_eq(client_answer(c, false).status, 200);
	ck_assert_int_eq(client_answer(c, false).status, 200);
	ck_assert(client_ends(c, SOON_MS));
	client_free(&c);
}
END_TEST

/* Nobody listens any more. */
static bool
is_closed(void *arg)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *port = strrchr(arg, ':') + 1;
	uint64_t number = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool refused;

	ck_assert(text_u64(text_of(port), UINT16_MAX, &number) && fd >= 0);
	at.sin_port = htons((uint16_t)number);
	refused = connect(fd, (struct sockaddr *)&at, sizeof at) != 0;
	(void)close(fd);
	return refused;
}

/* SIGTERM: what is at work is answered, nothing new is taken, the status is 0. */
START_TEST(drain_answers_what_is_at_work)
{
	static const char *const flags[] = {"--loops", "2", NULL};
	static const char body[] = "{\"kind\":\"owner\",\"name\":\"drained owner\","
				   "\"credit_code\":\"9144030071526726XG\"}";
	struct client *c;
	struct answer a;

	serve(flags);
	c = open_one(_i);
	client_become(c, pg, pg_person(pg, "operator", 4));
	ck_assert_int_eq(client_call(c, "GET", "/v1/me", "", NULL).status, 200);
	pg_run(pg, "BEGIN");
	pg_run(pg, "LOCK TABLE market.organisation IN EXCLUSIVE MODE");
	client_say(c,
		arena_printf(&c->arena,
			"POST /v1/organisations HTTP/1.1\r\n" HOST "Authorization: Bearer %s\r\n"
			"Idempotency-Key: drain%d\r\n"
			"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			c->key, _i, strlen(body), body));
	ck_assert(until(waits_for_lock, NULL, SOON_MS));
	ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
	ck_assert(until(is_closed, server->plain, SOON_MS));
	pg_run(pg, "COMMIT");
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, _i == 0 ? 201 : 422);
	ck_assert(text_is(answer_field(&a, "Connection"), "close"));
	ck_assert(client_ends(c, SOON_MS));
	client_free(&c);
	daemon_free(&server); /* checks the exit status */
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	serve(NULL);
	daemon_free(&server);
	pg_free(&pg);
}
END_TEST

START_TEST(what_a_client_sends_writes_no_warning)
{
	static const char *const flags[] = {"--log.level", "warn", NULL};
	FILE *lines = tmpfile();
	int kept = dup(STDERR_FILENO);
	char text[8192];
	struct client *c;

	ck_assert_ptr_nonnull(lines);
	ck_assert_int_ge(dup2(fileno(lines), STDERR_FILENO), 0);
	serve(flags);
	ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
	(void)close(kept);
	c = open_one(0);
	client_say(c, "TRACE / HTTP/1.1\r\n" HOST "\r\n");
	ck_assert_int_eq(client_answer(c, false).status, 501);
	client_reopen(c);
	client_say(c, "GET / HTTP/2.0\r\n" HOST "\r\n");
	ck_assert_int_eq(client_answer(c, false).status, 505);
	client_free(&c);
	daemon_free(&server);
	rewind(lines);
	text[fread(text, 1, sizeof text - 1, lines)] = '\0';
	ck_assert_msg(strstr(text, "\"answer\"") == NULL, "%s", text);
	(void)fclose(lines);
}
END_TEST

SUITE(http, suite_loop(what_is_not_strict_is_answered_with_its_status_and_closed, 2),
	suite_loop(caps_hold, 2), suite_loop(what_rfc_9112_allows_is_taken, 2),
	suite_loop(request_may_come_byte_by_byte, 2),
	suite_loop(pipelined_requests_are_answered_in_their_order, 2),
	suite_loop(head_options_and_other_methods_are_answered, 2),
	suite_loop(continue_is_said_only_to_who_may_send_a_body, 2),
	suite_loop(body_up_to_its_limit_is_read_whole, 2),
	suite_loop(write_of_a_client_that_went_away_is_done_and_kept, 2),
	client_that_closed_its_side_gets_its_answers,
	suite_loop(slow_clients_meet_their_deadlines, 2), handshake_has_a_deadline,
	client_that_does_not_read_is_cut, full_loop_slows_down_and_loses_nothing,
	connections_of_one_address_are_counted, requests_beyond_the_rate_are_refused,
	server_without_descriptors_refuses_and_recovers,
	suite_loop(drain_answers_what_is_at_work, 2), what_a_client_sends_writes_no_warning,
	daemon_ends_with_status_0)
