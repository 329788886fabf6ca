/* What call_send() puts on the wire and what it does when the answer does not come. */
#include "cli/call.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/script.h"

static struct arena arena;

/* Sends, and waits until the script is through. */
static struct answer
send_call(const struct call *call)
{
	struct target target = {.url = script.url, .key = "flk_secret"};
	struct caller caller;
	struct answer answer;
	const char *err = NULL;

	arena_reset(&arena);
	arena_init(&arena, 1 << 22);
	ck_assert_msg(caller_open(&caller, &target, &err), "%s", err);
	caller.quiet = true;
	call_send(&caller, call, &arena, &answer);
	caller_close(&caller);
	script_end();
	return answer;
}

START_TEST(a_write_of_unknown_outcome_is_repeated_with_its_key)
{
	static const char *const lines[] = {
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

	script_start(lines, 3);
	r = send_call(&call);
	ck_assert_int_eq(r.outcome, OUTCOME_ANSWER);
	ck_assert_int_eq(r.status, 201);
	ck_assert_str_eq(r.version, "7");
	ck_assert(r.replayed);
	ck_assert(text_is(r.body, "{}"));
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_nonnull(strstr(script.requests[i], "POST /v1/projects HTTP/1.1\r\n"));
		ck_assert_ptr_nonnull(
			strstr(script.requests[i], "\r\nIdempotency-Key: \"k-1\"\r\n"));
		ck_assert_ptr_nonnull(
			strstr(script.requests[i], "\r\nContent-Type: application/json\r\n"));
		ck_assert_ptr_nonnull(
			strstr(script.requests[i], "\r\nAuthorization: Bearer flk_secret\r\n"));
		ck_assert_ptr_nonnull(strstr(script.requests[i], "\r\n\r\n{\"a\":1}"));
	}
}
END_TEST

START_TEST(a_write_by_version_alone_is_sent_once)
{
	static const char *const lines[] = {NULL};
	struct call call = {.method = PUT,
		.path = "/v1/projects/p/commitment",
		.body = text_of("{}"),
		.if_match = "3"};
	struct answer r;

	script_start(lines, 1);
	r = send_call(&call);
	ck_assert_int_eq(r.outcome, OUTCOME_LOST);
	ck_assert_str_ne(r.error, "");
	ck_assert_ptr_nonnull(strstr(script.requests[0], "\r\nIf-Match: \"3\"\r\n"));
	ck_assert_ptr_null(strstr(script.requests[0], "Idempotency-Key"));
}
END_TEST

START_TEST(a_request_without_a_body_names_no_type)
{
	static const char *const lines[] = {HEAD "200 x" END "Content-Length: 0\r\n\r\n"};
	struct call call = {.method = POST, .path = "/v1/x", .idempotency = "k"};

	script_start(lines, 1);
	ck_assert_int_eq(send_call(&call).status, 200);
	ck_assert_ptr_null(strcasestr(script.requests[0], "Content-Type"));
	ck_assert_ptr_null(strcasestr(script.requests[0], "Expect"));
	ck_assert_ptr_nonnull(strstr(script.requests[0], "\r\nContent-Length: 0\r\n"));
}
END_TEST

START_TEST(a_redirect_is_not_followed)
{
	static const char *const lines[] = {
		HEAD "302 x" END "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"};
	struct call call = {.method = GET, .path = "/v1/items", .repeatable = true};

	script_start(lines, 1);
	ck_assert_int_eq(send_call(&call).status, 302);
}
END_TEST

START_TEST(an_answer_that_breaks_off_is_no_answer)
{
	static const char *const lines[] = {
		HEAD "200 x" END "Content-Length: 100\r\n\r\n{\"items\":",
		HEAD "200 x" END "Content-Length: 2\r\n\r\n[]",
	};
	struct call call = {.method = GET, .path = "/v1/items", .repeatable = true};
	struct answer r;

	script_start(lines, 2);
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
	script_start(good, 1);
	ck_assert_int_eq(send_call(&call).status, 200);
	ck_assert_int_eq(fflush(call.sink), 0);
	ck_assert_str_eq(bytes, "a,b");
	script_start(bad, 1);
	r = send_call(&call);
	ck_assert_int_eq(r.status, 403);
	ck_assert(text_is(r.body, "{}"));
	ck_assert_int_eq(fclose(call.sink), 0);
	ck_assert_str_eq(bytes, "a,b");
	free(bytes);
}
END_TEST

START_TEST(an_answer_that_is_too_large_or_too_slow_is_none)
{
	static const char *const large[] = {HEAD "200 x" END
						 "Content-Length: 11\r\n\r\n0123456789a",
		HEAD "200 x" END
		     "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n6789ab\r\n0\r\n\r\n"};
	static const char *const slow[] = {
		HEAD "200 x" END "Content-Length: 10\r\n\r\n01234" SCRIPT_HANG};
	struct call call = {.method = GET, .path = "/v1/items", .limit = 10};
	struct timespec from, to;
	struct answer r;

	for (int i = 0; i < 2; i++) {
		script_start(large + i, 1);
		r = send_call(&call);
		ck_assert_int_eq(r.outcome, OUTCOME_BROKEN);
		ck_assert_ptr_nonnull(strstr(r.error, "10"));
	}
	call.limit = 11;
	script_start(large, 1);
	ck_assert_int_eq(send_call(&call).status, 200);
	call.time_s = 1;
	script_start(slow, 1);
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &from), 0);
	r = send_call(&call);
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &to), 0);
	ck_assert_int_eq(r.outcome, OUTCOME_LOST);
	ck_assert_int_lt(to.tv_sec - from.tv_sec, 15); /* less than silence may last */
}
END_TEST

SUITE(send, a_write_of_unknown_outcome_is_repeated_with_its_key,
	a_write_by_version_alone_is_sent_once, a_request_without_a_body_names_no_type,
	a_redirect_is_not_followed, an_answer_that_breaks_off_is_no_answer,
	a_download_goes_to_its_file_and_a_refusal_does_not,
	an_answer_that_is_too_large_or_too_slow_is_none)
