#include "proto/http.h"

#include <check.h>
#include <string.h>

#include "lib/base/arena.h"
#include "tests/support/http_read.h"
#include "tests/support/suite.h"

enum {
	BODY_MAX = 100
};

static struct arena arena;

static struct http_outcome
whole(const char *message)
{
	return http_read(message, strlen(message), strlen(message), BODY_MAX, &arena);
}

/* The same outcome whether the bytes come at once or one by one. */
static struct http_outcome
read_both(const char *at, size_t len)
{
	struct http_outcome a = http_read(at, len, len, BODY_MAX, &arena);
	struct http_outcome b = http_read(at, len, 1, BODY_MAX, &arena);

	ck_assert_msg(a.result == b.result && a.h.err == b.h.err, "%d %d: %.*s", a.result, b.result,
		(int)len, at);
	if (a.result == HTTP_DONE)
		ck_assert(a.used == b.used && text_eq(a.body, b.body) &&
			text_eq(a.h.req.path, b.h.req.path) &&
			text_eq(a.h.req.query, b.h.req.query));
	return b;
}

#define GET_LINE     "GET /v1/items HTTP/1.1\r\n"
#define POST_CHUNKED "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct refusal {
	const char *message;
	enum err err;
} refusals[] = {
	/* lines */
	{"GET / HTTP/1.1\nHost: a\r\n\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.1\r\nHost: a\n\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.1\r\nHost: a\r\n\n", E_BAD_REQUEST},
	{"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", E_BAD_REQUEST},
	{"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", E_BAD_REQUEST},
	{"\n" GET_LINE "Host: a\r\n\r\n", E_BAD_REQUEST},
	{"\x16\x03\x01", E_BAD_REQUEST},
	/* request line */
	{"GET  / HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.1 \r\n", E_BAD_REQUEST},
	{" GET / HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET\t/ HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /\r\n", E_BAD_REQUEST},
	{"GET\r\n", E_BAD_REQUEST},
	{"G(T / HTTP/1.1\r\n", E_BAD_REQUEST},
	{"get / HTTP/1.1\r\n", E_NOT_IMPLEMENTED},
	{"TRACE / HTTP/1.1\r\n", E_NOT_IMPLEMENTED},
	{"CONNECT a:443 HTTP/1.1\r\n", E_NOT_IMPLEMENTED},
	{"GET / http/1.1\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.10\r\n", E_BAD_REQUEST},
	{"GET / HTTP/1.2\r\n", E_BAD_VERSION},
	{"GET / HTTP/0.9\r\n", E_BAD_VERSION},
	{"PRI * HTTP/2.0\r\n", E_BAD_VERSION},
	/* target */
	{"GET * HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET v1 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET a:443 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET ftp://a/ HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET http:///x HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET http://u@a/ HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /% HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /%4 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /%4g HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /%00 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /?q=%00 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /#a HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /\xc3\xa4 HTTP/1.1\r\n", E_BAD_REQUEST},
	{"GET /\x7f HTTP/1.1\r\n", E_BAD_REQUEST},
	/* fields */
	{GET_LINE "\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nHost: a\r\n\r\n", E_BAD_REQUEST},
	{"GET http://a/ HTTP/1.1\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a,b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: u@a\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE " Host: a\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\n b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nX-A: b\r\n\tc\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host : a\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nX A: b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\n: b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nnothing\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nX\xc3: b\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nX: \x01\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nX: \x7f\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nAuthorization: b\r\nauthorization: c\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nExpect: something\r\n\r\n", E_BAD_EXPECT},
	/* framing */
	{GET_LINE "Host: a\r\nContent-Length: +3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: -3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 0x3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 3, 3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 3 3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length:\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 3\t\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 9999999999999999999\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length : 3\r\n\r\n", E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nContent-Length: 101\r\n\r\n", E_TOO_LARGE},
	{GET_LINE "Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
		E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
		E_BAD_REQUEST},
	{GET_LINE "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", E_NOT_IMPLEMENTED},
	{GET_LINE "Host: a\r\nTransfer-Encoding: identity\r\n\r\n", E_NOT_IMPLEMENTED},
	{GET_LINE "Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n", E_NOT_IMPLEMENTED},
	{GET_LINE "Host: a\r\nTransfer-Encoding:\r\n\r\n", E_NOT_IMPLEMENTED},
	{GET_LINE "Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		E_NOT_IMPLEMENTED},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", E_BAD_REQUEST},
	/* chunks */
	{POST_CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "+3\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED " 3\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3 \r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "000000003\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabcd\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\r\n\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a\n\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;;a\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a=\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a=b=c\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a b\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a=\"b\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3;\"b\"\r\nabc\r\n0\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\r\n X: 1\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\r\nX : 1\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\r\n: 1\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "3\r\nabc\r\n0\r\nX: \x01\r\n\r\n", E_BAD_REQUEST},
	{POST_CHUNKED "65\r\n", E_TOO_LARGE},
	{POST_CHUNKED "ffffffff\r\n", E_TOO_LARGE},
	{POST_CHUNKED "3\r\nabc\r\n62\r\n", E_TOO_LARGE},
};

START_TEST(what_is_not_strict_is_refused)
{
	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		const struct refusal *r = &refusals[i];
		struct http_outcome o = read_both(r->message, strlen(r->message));

		ck_assert_msg(o.result == HTTP_REFUSED && o.h.err == r->err, "%d %d: %s", o.result,
			o.h.err, r->message);
		ck_assert_ptr_nonnull(o.h.why);
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(nul_bytes_are_refused)
{
	static const char name[] = GET_LINE "Host: a\r\nX\0: b\r\n\r\n";
	static const char value[] = GET_LINE "Host: a\0\r\n\r\n";
	static const char target[] = "GET /\0 HTTP/1.1\r\n\r\n";

	arena_init(&arena, 1 << 30);
	ck_assert_int_eq(read_both(name, sizeof name - 1).result, HTTP_REFUSED);
	ck_assert_int_eq(read_both(value, sizeof value - 1).result, HTTP_REFUSED);
	ck_assert_int_eq(read_both(target, sizeof target - 1).result, HTTP_REFUSED);
	arena_reset(&arena);
}
END_TEST

START_TEST(what_rfc_9112_allows_is_taken)
{
	static const struct {
		const char *message, *path, *query, *body;
	} taken[] = {
		{GET_LINE "Host: a\r\n\r\n", "/v1/items", "", ""},
		{"\r\n" GET_LINE "Host:\r\n\r\n", "/v1/items", "", ""},
		{"GET / HTTP/1.0\r\n\r\n", "/", "", ""},
		{"GET /a?b=%E4&c HTTP/1.1\r\nhOST:a:80 \t \r\n\r\n", "/a", "b=%E4&c", ""},
		{"GET /? HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "/", "", ""},
		{"GET http://b/a?c HTTP/1.1\r\nHost: a\r\n\r\n", "/a", "c", ""},
		{"GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", "/", "", ""},
		{"GET https://b?c HTTP/1.1\r\nHost: a\r\n\r\n", "/", "c", ""},
		{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "*", "", ""},
		{GET_LINE "Host: a\r\nX: \xe4\xb8\xad \x80\r\n\r\n", "/v1/items", "", ""},
		{GET_LINE "Host: a\r\nContent-Length: 3\r\n\r\nabc", "/v1/items", "", "abc"},
		{GET_LINE "Host: a\r\nContent-Length: 0003\r\n\r\nabc", "/v1/items", "", "abc"},
		{POST_CHUNKED "3\r\nabc\r\n0\r\n\r\n", "/", "", "abc"},
		{POST_CHUNKED "03;x=\"y\"\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n", "/", "",
			"abc0123456789"},
		{POST_CHUNKED "1;a;b=c;d=\"e\\\"; =\";f\r\na\r\n0\r\n\r\n", "/", "", "a"},
		{POST_CHUNKED "1\r\na\r\n0;last\r\nX-Sum: 1\r\nY:\r\n\r\n", "/", "", "a"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "/",
			"", ""},
	};

	arena_init(&arena, 1 << 30);
	for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		struct http_outcome o = read_both(taken[i].message, strlen(taken[i].message));

		ck_assert_msg(o.result == HTTP_DONE && o.used == strlen(taken[i].message),
			"%d %s: %s", o.result, o.h.why, taken[i].message);
		ck_assert(text_is(o.h.req.path, taken[i].path));
		ck_assert(text_is(o.h.req.query, taken[i].query));
		ck_assert(text_is(o.body, taken[i].body));
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(fields_are_found_whatever_their_case_and_trimmed)
{
	struct http_outcome o;

	arena_init(&arena, 1 << 20);
	o = whole("GET / HTTP/1.1\r\nHost: a\r\nAUTHORIZATION:\t Bearer x \r\nIf-match: \"7\"\r\n"
		  "Accept: text/csv\r\nAccept: */*\r\nX-Other: y\r\n\r\n");
	ck_assert(text_is(o.h.req.fields[HTTP_AUTHORIZATION], "Bearer x"));
	ck_assert(text_is(o.h.req.fields[HTTP_IF_MATCH], "\"7\""));
	ck_assert(text_is(o.h.req.fields[HTTP_ACCEPT], "text/csv"));
	ck_assert_ptr_null(o.h.req.fields[HTTP_EXPECT].at);
	o = whole("GET http://b:8/ HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert(text_is(o.h.req.fields[HTTP_HOST], "b:8"));
	arena_reset(&arena);
}
END_TEST

START_TEST(methods_are_known_and_head_and_options_count_as_get)
{
	struct http_outcome o;

	arena_init(&arena, 1 << 20);
	o = whole("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert(o.h.req.method == PATCH && !o.h.req.head && !o.h.req.options);
	o = whole("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert(o.h.req.method == GET && o.h.req.head);
	o = whole("OPTIONS /x HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert(o.h.req.method == GET && o.h.req.options);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_connection_stays_open_as_its_tokens_say)
{
	static const struct {
		const char *message;
		bool keep;
	} cases[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: te, close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: te\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
	};

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_msg(whole(cases[i].message).h.req.keep_alive == cases[i].keep, "%s",
			cases[i].message);
	arena_reset(&arena);
}
END_TEST

START_TEST(an_expectation_is_seen_only_before_a_body_of_1_1)
{
	arena_init(&arena, 1 << 20);
	ck_assert(whole("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n"
			"Content-Length: 1\r\n\r\n")
			  .h.req.expects);
	ck_assert(
		!whole("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").h.req.expects);
	ck_assert(!whole("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
			   .h.req.expects);
	arena_reset(&arena);
}
END_TEST

START_TEST(the_parser_stops_behind_its_message)
{
	const char *first = POST_CHUNKED "1\r\na\r\n0\r\n\r\n";
	const char *second = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
	struct http_outcome o;
	const char *both;

	arena_init(&arena, 1 << 20);
	both = arena_printf(&arena, "%s%s", first, second);
	o = whole(both);
	ck_assert_int_eq(o.result, HTTP_DONE);
	ck_assert_uint_eq(o.used, strlen(first));
	o = whole(both + o.used);
	ck_assert(text_is(o.h.req.path, "/second"));
	arena_reset(&arena);
}
END_TEST

/* `count` bytes 'x' between two texts. */
static struct http_outcome
filled(const char *before, size_t count, const char *after)
{
	struct buf b;

	buf_init(&b, &arena, count + 256);
	buf_str(&b, before);
	for (size_t i = 0; i < count; i++)
		buf_char(&b, 'x');
	buf_str(&b, after);
	return http_read(b.at, b.len, b.len, 1 << 20, &arena);
}

static struct http_outcome
many_fields(int count)
{
	struct buf b;

	buf_init(&b, &arena, 4096);
	buf_str(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 1; i < count; i++)
		buf_str(&b, "X: y\r\n");
	buf_str(&b, "\r\n");
	return http_read(b.at, b.len, b.len, 0, &arena);
}

START_TEST(each_limit_holds_to_the_byte)
{
	size_t line = HTTP_LINE_MAX - strlen("GET / HTTP/1.1");
	size_t head = HTTP_HEAD_MAX - strlen("Host: a\r\nX: \r\n\r\n");
	size_t trailer = HTTP_TRAILER_MAX - strlen("X:\r\r");

	arena_init(&arena, 1 << 30);
	ck_assert_int_eq(filled("GET /", line, " HTTP/1.1\r\nHost: a\r\n\r\n").result, HTTP_DONE);
	ck_assert_int_eq(
		filled("GET /", line + 1, " HTTP/1.1\r\nHost: a\r\n\r\n").h.err, E_URI_TOO_LONG);
	ck_assert_int_eq(filled("GET /", HTTP_LINE_MAX, "").h.err, E_URI_TOO_LONG);
	ck_assert_int_eq(
		filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", head, "\r\n\r\n").result, HTTP_DONE);
	ck_assert_int_eq(filled("GET / HTTP/1.1\r\nHost: a\r\nX: ", head + 1, "\r\n\r\n").h.err,
		E_HEADERS_TOO_LARGE);
	ck_assert_int_eq(
		filled("GET / HTTP/1.1\r\nX: ", HTTP_HEAD_MAX, "").h.err, E_HEADERS_TOO_LARGE);
	ck_assert_int_eq(many_fields(HTTP_FIELDS_MAX).result, HTTP_DONE);
	ck_assert_int_eq(many_fields(HTTP_FIELDS_MAX + 1).h.err, E_HEADERS_TOO_LARGE);
	ck_assert_int_eq(
		filled(POST_CHUNKED "0;", HTTP_EXTENSION_MAX, "\r\n\r\n").result, HTTP_DONE);
	ck_assert_int_eq(
		filled(POST_CHUNKED "0;", HTTP_EXTENSION_MAX + 1, "\r\n\r\n").h.err, E_BAD_REQUEST);
	ck_assert_int_eq(filled(POST_CHUNKED "0\r\nX:", trailer, "\r\n\r\n").result, HTTP_DONE);
	ck_assert_int_eq(
		filled(POST_CHUNKED "0\r\nX:", trailer + 1, "\r\n\r\n").h.err, E_HEADERS_TOO_LARGE);
	arena_reset(&arena);
}
END_TEST

START_TEST(a_message_that_stops_anywhere_is_not_whole)
{
	static const char message[] = "\r\nPOST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
				      "chunked\r\n\r\n3;e\r\nabc\r\n0\r\nX: y\r\n\r\n";

	arena_init(&arena, 1 << 30);
	for (size_t len = 0; len < sizeof message - 1; len++)
		ck_assert_int_eq(read_both(message, len).result, HTTP_MORE);
	ck_assert_int_eq(read_both(message, sizeof message - 1).result, HTTP_DONE);
	arena_reset(&arena);
}
END_TEST

SUITE(http, what_is_not_strict_is_refused, nul_bytes_are_refused, what_rfc_9112_allows_is_taken,
	fields_are_found_whatever_their_case_and_trimmed,
	methods_are_known_and_head_and_options_count_as_get,
	a_connection_stays_open_as_its_tokens_say, an_expectation_is_seen_only_before_a_body_of_1_1,
	the_parser_stops_behind_its_message, each_limit_holds_to_the_byte,
	a_message_that_stops_anywhere_is_not_whole)
