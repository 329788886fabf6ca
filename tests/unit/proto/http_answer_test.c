#include "proto/http_answer.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "proto/op.h"
#include "tests/support/suite.h"

static struct arena arena;

static const char *
written(const struct http_answer *r)
{
	struct text t = http_answer(r, &arena);

	return arena_str(&arena, t.at, t.len);
}

START_TEST(an_answer_is_one_run_of_head_and_body)
{
	struct http_answer r = {.status = 201,
		.body = text_of("{}"),
		.version = 7,
		.replayed = true,
		.request_id = "r-1",
		.date = "Sun, 06 Nov 1994 08:49:37 GMT",
		.location = text_of("/v1/projects/prj_a")};

	arena_init(&arena, 1 << 20);
	ck_assert_str_eq(written(&r),
		"HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
		"Content-Type: application/json\r\nContent-Length: 2\r\nCache-Control: no-store\r\n"
		"X-Content-Type-Options: nosniff\r\nX-Request-Id: r-1\r\nETag: \"7\"\r\n"
		"Idempotency-Replayed: true\r\nLocation: /v1/projects/prj_a\r\n\r\n{}");
	arena_reset(&arena);
}
END_TEST

START_TEST(head_counts_the_body_but_does_not_send_it)
{
	struct http_answer r = {.status = 200, .body = text_of("{}"), .version = -1, .head = true};
	const char *s;

	arena_init(&arena, 1 << 20);
	s = written(&r);
	ck_assert(strstr(s, "Content-Length: 2\r\n") != NULL);
	ck_assert_str_eq(s + strlen(s) - 4, "\r\n\r\n");
	arena_reset(&arena);
}
END_TEST

START_TEST(answers_without_a_body_have_no_body_fields)
{
	struct http_answer r = {.status = 304, .version = 3, .cacheable = true};

	arena_init(&arena, 1 << 20);
	ck_assert_str_eq(written(&r),
		"HTTP/1.1 304 Not Modified\r\nCache-Control: public, no-cache\r\n"
		"X-Content-Type-Options: nosniff\r\nETag: \"3\"\r\n\r\n");
	arena_reset(&arena);
}
END_TEST

START_TEST(what_never_changes_may_be_kept)
{
	struct http_answer r = {.status = 200, .version = -1, .immutable = true};

	arena_init(&arena, 1 << 20);
	ck_assert_ptr_nonnull(
		strstr(written(&r), "Cache-Control: public, max-age=31536000, immutable\r\n"));
	arena_reset(&arena);
}
END_TEST

START_TEST(the_next_page_keeps_the_query_but_for_its_cursor)
{
	struct http_answer r = {.status = 200,
		.version = -1,
		.path = text_of("/v1/items"),
		.query = text_of("search=%E4&cursor=old&limit=5&x=<>\""),
		.next_cursor = text_of("bmV3")};

	arena_init(&arena, 1 << 20);
	ck_assert(strstr(written(&r),
			  "Link: </v1/items?search=%E4&limit=5&x=%3C%3E%22&cursor=bmV3>; "
			  "rel=\"next\"\r\n") != NULL);
	r.query = text_of("");
	ck_assert(strstr(written(&r), "Link: </v1/items?cursor=bmV3>; rel=\"next\"\r\n") != NULL);
	arena_reset(&arena);
}
END_TEST

START_TEST(refusals_carry_their_fields)
{
	struct http_answer r = {.status = 405,
		.version = -1,
		.allow = 1u << GET | 1u << POST,
		.retry_after_s = 2,
		.close = true,
		.cors = true,
		.extra = "RateLimit: 1\r\n"};

	arena_init(&arena, 1 << 20);
	ck_assert_str_eq(written(&r),
		"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nCache-Control: "
		"no-store\r\n"
		"X-Content-Type-Options: nosniff\r\nRetry-After: 2\r\nAllow: GET, HEAD, POST, "
		"OPTIONS\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ETag, "
		"Link, X-Request-Id\r\nRateLimit: 1\r\nConnection: close\r\n\r\n");
	r = (struct http_answer){.status = 401, .version = -1};
	ck_assert(strstr(written(&r), "WWW-Authenticate: Bearer") != NULL);
	arena_reset(&arena);
}
END_TEST

START_TEST(streams_are_chunked_to_1_1_and_end_with_the_connection_to_1_0)
{
	struct http_answer r = {.status = 200, .version = -1, .chunked = true, .type = "text/csv"};
	struct buf b;

	arena_init(&arena, 1 << 20);
	ck_assert(strstr(written(&r), "Transfer-Encoding: chunked\r\n") != NULL);
	ck_assert(strstr(written(&r), "Content-Length") == NULL);
	r.http10 = true;
	ck_assert(strstr(written(&r), "Transfer-Encoding") == NULL);
	ck_assert(strstr(written(&r), "Connection: close\r\n") != NULL);
	buf_init(&b, &arena, 64);
	http_chunk(&b, text_of("0123456789abcdef"));
	http_chunk(&b, text_of(""));
	buf_str(&b, http_chunk_end);
	ck_assert(text_is(buf_text(&b), "10\r\n0123456789abcdef\r\n0\r\n\r\n"));
	arena_reset(&arena);
}
END_TEST

START_TEST(http_1_0_hears_that_the_connection_stays)
{
	struct http_answer r = {.status = 204, .version = -1, .http10 = true};

	arena_init(&arena, 1 << 20);
	ck_assert(strstr(written(&r), "Connection: keep-alive\r\n") != NULL);
	arena_reset(&arena);
}
END_TEST

START_TEST(every_status_that_is_used_has_a_reason)
{
	for (int e = OK + 1; e < ERR_COUNT; e++)
		ck_assert_str_ne(http_reason(err_row((enum err)e)->http), "Unknown");
	for (int i = 0; i < OP_COUNT; i++)
		ck_assert_str_ne(http_reason(op_table[i].status), "Unknown");
}
END_TEST

START_TEST(dates_agree_with_the_c_library)
{
	char ours[HTTP_DATE_SIZE], theirs[64];

	for (int64_t t = 0; t < INT64_C(253402300800); t += 86400 * 37 + 12345) {
		time_t seconds = (time_t)t;
		struct tm tm;

		ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
		(void)strftime(theirs, sizeof theirs, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		http_date(t, ours);
		ck_assert_str_eq(ours, theirs);
	}
	http_date(784111777, ours);
	ck_assert_str_eq(ours, "Sun, 06 Nov 1994 08:49:37 GMT");
}
END_TEST

SUITE(http_answer, an_answer_is_one_run_of_head_and_body, head_counts_the_body_but_does_not_send_it,
	answers_without_a_body_have_no_body_fields, what_never_changes_may_be_kept,
	the_next_page_keeps_the_query_but_for_its_cursor, refusals_carry_their_fields,
	streams_are_chunked_to_1_1_and_end_with_the_connection_to_1_0,
	http_1_0_hears_that_the_connection_stays, every_status_that_is_used_has_a_reason,
	dates_agree_with_the_c_library)
