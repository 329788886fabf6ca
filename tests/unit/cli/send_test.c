/* What call_send() puts on the wire and what it does when the answer does not come, against a
 * server of this test that answers by a script. */
#include "cli/call.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"

enum {
	REQUESTS_MAX = 8,
	REQUEST_SIZE = 4096
};

/* One connection a request: the script's next line is written and the connection closed.  NULL:
 * closed without an answer. */
static struct server {
	int listener;
	pthread_t thread;
	const char *const *script;
	size_t count;
	char requests[REQUESTS_MAX][REQUEST_SIZE];
	char url[64];
} server;

static bool
is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"),
		   *length = strcasestr(request, "Content-Length:");
	uint64_t len = 0;

	if (end == NULL)
		return false;
	if (length != NULL && length < end) {
		length += strlen("Content-Length: ");
		ck_assert(text_u64(text_span(length, strcspn(length, "\r")), REQUEST_SIZE, &len));
	}
	return strlen(end + 4) >= len;
}

static void *
serve(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < server.count; i++) {
		int fd = accept(server.listener, NULL, NULL);
		size_t used = 0;

		while (!is_whole(server.requests[i])) {
			ssize_t n = read(fd, server.requests[i] + used, REQUEST_SIZE - 1 - used);

			if (n <= 0)
				break;
			used += (size_t)n;
		}
		if (server.script[i] != NULL)
			(void)!write(fd, server.script[i], strlen(server.script[i]));
		(void)shutdown(fd, SHUT_WR);
		(void)close(fd);
	}
	return NULL;
}

static void
start(const char *const *script, size_t count)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	memset(&server, 0, sizeof server);
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	server.script = script;
	server.count = count;
	ck_assert_int_eq(bind(server.listener, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(server.listener, 8), 0);
	ck_assert_int_eq(getsockname(server.listener, (struct sockaddr *)&at, &len), 0);
	(void)snprintf(server.url, sizeof server.url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
	ck_assert_int_eq(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static struct arena arena;

/* Sends, and waits until the script is through. */
static struct answer
send_call(const struct call *call)
{
	struct target target = {.url = server.url, .key = "flk_secret"};
	struct caller caller;
	struct answer answer;
	const char *err = NULL;

	arena_reset(&arena);
	arena_init(&arena, 1 << 22);
	ck_assert_msg(caller_open(&caller, &target, &err), "%s", err);
	caller.quiet = true;
	call_send(&caller, call, &arena, &answer);
	caller_close(&caller);
	ck_assert_int_eq(pthread_join(server.thread, NULL), 0);
	ck_assert_int_eq(close(server.listener), 0);
	return answer;
}

#define HEAD "HTTP/1.1 "
#define END  "\r\nConnection: close\r\n"

START_TEST(a_write_of_unknown_outcome_is_repeated_with_its_key)
{
	static const char *const script[] = {
		NULL,
		HEAD "503 x" END "Content-Length: 26\r\n\r\n{\"code\":\"outcome-unknown\"}",
		HEAD "201 x" END "ETag: \"7\"\r\nIdempotency-Replayed: true\r\nContent-Length: "
		     "2\r\n\r\n{}",
	};
	struct call call = {.method = POST,
		.path = "/v1/projects",
		.body = text_of("{\"a\":1}"),
		.idempotency = "k-1",
		.repeatable = true};
	struct answer r;

	start(script, 3);
	r = send_call(&call);
	ck_assert_int_eq(r.outcome, OUTCOME_ANSWER);
	ck_assert_int_eq(r.status, 201);
	ck_assert_str_eq(r.version, "7");
	ck_assert(r.replayed);
	ck_assert(text_is(r.body, "{}"));
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_nonnull(strstr(server.requests[i], "POST /v1/projects HTTP/1.1\r\n"));
		ck_assert_ptr_nonnull(
			strstr(server.requests[i], "\r\nIdempotency-Key: \"k-1\"\r\n"));
		ck_assert_ptr_nonnull(
			strstr(server.requests[i], "\r\nContent-Type: application/json\r\n"));
		ck_assert_ptr_nonnull(
			strstr(server.requests[i], "\r\nAuthorization: Bearer flk_secret\r\n"));
		ck_assert_ptr_nonnull(strstr(server.requests[i], "\r\n\r\n{\"a\":1}"));
	}
}
END_TEST

START_TEST(a_write_by_version_alone_is_sent_once)
{
	static const char *const script[] = {NULL};
	struct call call = {.method = PUT,
		.path = "/v1/projects/p/commitment",
		.body = text_of("{}"),
		.if_match = "3"};
	struct answer r;

	start(script, 1);
	r = send_call(&call);
	ck_assert_int_eq(r.outcome, OUTCOME_LOST);
	ck_assert_str_ne(r.error, "");
	ck_assert_ptr_nonnull(strstr(server.requests[0], "\r\nIf-Match: \"3\"\r\n"));
	ck_assert_ptr_null(strstr(server.requests[0], "Idempotency-Key"));
}
END_TEST

START_TEST(a_request_without_a_body_names_no_type)
{
	static const char *const script[] = {HEAD "200 x" END "Content-Length: 0\r\n\r\n"};
	struct call call = {.method = POST, .path = "/v1/x", .idempotency = "k"};

	start(script, 1);
	ck_assert_int_eq(send_call(&call).status, 200);
	ck_assert_ptr_null(strcasestr(server.requests[0], "Content-Type"));
	ck_assert_ptr_null(strcasestr(server.requests[0], "Expect"));
	ck_assert_ptr_nonnull(strstr(server.requests[0], "\r\nContent-Length: 0\r\n"));
}
END_TEST

START_TEST(a_redirect_is_not_followed)
{
	static const char *const script[] = {
		HEAD "302 x" END "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"};
	struct call call = {.method = GET, .path = "/v1/items", .repeatable = true};

	start(script, 1);
	ck_assert_int_eq(send_call(&call).status, 302);
}
END_TEST

START_TEST(an_answer_that_breaks_off_is_no_answer)
{
	static const char *const script[] = {
		HEAD "200 x" END "Content-Length: 100\r\n\r\n{\"items\":",
		HEAD "200 x" END "Content-Length: 2\r\n\r\n[]",
	};
	struct call call = {.method = GET, .path = "/v1/items", .repeatable = true};
	struct answer r;

	start(script, 2);
	r = send_call(&call);
	ck_assert_int_eq(r.outcome, OUTCOME_ANSWER);
	ck_assert(text_is(r.body, "[]"));
}
END_TEST

START_TEST(a_download_goes_to_its_file_and_a_refusal_does_not)
{
	static const char *const good[] = {HEAD "200 x" END "Content-Length: 3\r\n\r\na,b"};
	static const char *const bad[] = {HEAD "403 x" END "Content-Length: 2\r\n\r\n{}"};
	struct call call = {.method = GET, .path = "/v1/ledger.csv", .repeatable = true};
	struct answer r;
	char *bytes = NULL;
	size_t len = 0;

	call.sink = open_memstream(&bytes, &len);
	start(good, 1);
	ck_assert_int_eq(send_call(&call).status, 200);
	ck_assert_int_eq(fflush(call.sink), 0);
	ck_assert_str_eq(bytes, "a,b");
	start(bad, 1);
	r = send_call(&call);
	ck_assert_int_eq(r.status, 403);
	ck_assert(text_is(r.body, "{}"));
	ck_assert_int_eq(fclose(call.sink), 0);
	ck_assert_str_eq(bytes, "a,b");
	free(bytes);
}
END_TEST

SUITE(send, a_write_of_unknown_outcome_is_repeated_with_its_key,
	a_write_by_version_alone_is_sent_once, a_request_without_a_body_names_no_type,
	a_redirect_is_not_followed, an_answer_that_breaks_off_is_no_answer,
	a_download_goes_to_its_file_and_a_refusal_does_not)
