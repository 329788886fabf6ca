/* What `fairlot verify` asks an address for, and whom it shows what. */
#include "cli/fetch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option.h"
#include "lib/base/arena.h"
#include "lib/ident/key.h"
#include "tests/support/suite.h"
#include "tests/unit/cli/script.h"

static struct arena arena;

static void
begin(void)
{
	arena_reset(&arena);
	arena_init(&arena, SIZE_MAX);
	ck_assert_int_eq(setenv("FAIRLOT_CONFIG", "/nonexistent/config", 1), 0);
	ck_assert_int_eq(setenv("LC_ALL", "C", 1), 0);
	ck_assert_int_eq(unsetenv("FAIRLOT_URL"), 0);
	ck_assert_int_eq(unsetenv("FAIRLOT_KEY"), 0);
	ck_assert_int_eq(unsetenv("FAIRLOT_CA"), 0);
}

START_TEST(the_address_of_a_draw_stands_for_its_transcript)
{
	static const char *const rows[][2] = {
		{"/v1/draws/prj_a.1", "/v1/draws/prj_a.1/transcript"},
		{"/v1/draws/prj_a.1/", "/v1/draws/prj_a.1/transcript"},
		{"/v1/draws/prj_a.1/transcript", "/v1/draws/prj_a.1/transcript"},
		{"/market/v1/draws/prj_a.1", "/market/v1/draws/prj_a.1/transcript"},
		{"/v1/draws/", "/v1/draws/"},
		{"/v1/draws/a/files/b", "/v1/draws/a/files/b"},
		{"/v1/receipts/00", "/v1/receipts/00"},
		{"/kept/a.tar?x=1", "/kept/a.tar?x=1"},
		{"/v1/draws/a?x=1", "/v1/draws/a?x=1"},
	};

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ck_assert_str_eq(fetch_path(rows[i][0], &arena), rows[i][1]);
	ck_assert(fetch_is_url("https://a") && fetch_is_url("http://a"));
	ck_assert(!fetch_is_url("a") && !fetch_is_url("file:///etc/passwd"));
}
END_TEST

/* Opens, and answers the path; NULL: refused. */
static const char *
open_at(const char *url, struct target *ret_target)
{
	const struct options o = {0};
	const char *path, *err = NULL;
	struct caller c;

	if (!fetch_open(&c, ret_target, &o, url, &arena, &path, &err)) {
		ck_assert_ptr_nonnull(err);
		return NULL;
	}
	caller_close(&c);
	return path;
}

START_TEST(an_address_is_taken_apart_and_has_to_be_private)
{
	struct target t;

	begin();
	ck_assert_str_eq(open_at("https://a.example:8443/v1/x?y=1#z", &t), "/v1/x?y=1");
	ck_assert_str_eq(t.url, "https://a.example:8443");
	ck_assert_str_eq(open_at("https://a.example", &t), "/");
	ck_assert_ptr_null(open_at("http://a.example/v1/x", &t));
	ck_assert_ptr_nonnull(open_at("http://127.0.0.1:1/v1/x", &t));
	ck_assert_ptr_null(open_at("https://user:word@a.example/", &t));
	ck_assert_ptr_nonnull(open_at("https://a.example/@", &t));
}
END_TEST

START_TEST(a_certificate_is_that_of_the_server_and_a_key_is_nobodys)
{
	char key[KEY_LEN + 1];
	struct target t;

	begin();
	ck_assert(key_complete(text_of("000000000000000000000000000000"), key));
	ck_assert_int_eq(setenv("FAIRLOT_KEY", key, 1), 0);
	ck_assert_int_eq(setenv("FAIRLOT_CA", "/ca.pem", 1), 0);
	ck_assert_int_eq(setenv("FAIRLOT_URL", "https://a.example/", 1), 0);
	ck_assert_ptr_nonnull(open_at("https://a.example/v1/x", &t));
	ck_assert_str_eq(t.ca, "/ca.pem");
	ck_assert_ptr_null(t.key);
	ck_assert_ptr_nonnull(open_at("https://b.example/v1/x", &t));
	ck_assert_ptr_null(t.ca);
	ck_assert_ptr_null(t.key);
	begin();
}
END_TEST

/* The body of what is asked for; NULL: *ret_err says why not. */
static const char *
get(const char *const *lines, size_t limit, const char **ret_err)
{
	struct options o = {.key = "flk_secret"};
	const char *url;
	struct text body = {0};
	bool fetched;

	script_start(lines, 1);
	url = arena_printf(&arena, "%sv1/draws/x.1", script.url);
	fetched = fetch(&o, url, limit, &arena, &body, ret_err);
	script_end();
	return fetched ? arena_str(&arena, body.at, body.len) : NULL;
}

START_TEST(what_happened_is_told)
{
	static const char *const
		good[] = {HEAD "200 x" END "Content-Length: 3\r\n\r\ntar"},
		*const moved[] = {HEAD
			"302 x" END "Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"},
		*const absent[] = {
			HEAD "404 x" END "Content-Length: 20\r\n\r\n{\"code\":\"not-found\"}"};
	const char *err = NULL;

	begin();
	ck_assert_str_eq(get(good, 3, &err), "tar");
	ck_assert_ptr_nonnull(
		strstr(script.requests[0], "GET /v1/draws/x.1/transcript HTTP/1.1\r\n"));
	ck_assert_ptr_null(strcasestr(script.requests[0], "Authorization"));
	ck_assert_ptr_null(strstr(script.requests[0], "flk_"));
	ck_assert_ptr_null(get(good, 2, &err));
	ck_assert_ptr_nonnull(strstr(err, "more than 2 bytes"));
	ck_assert_ptr_null(get(moved, 99, &err));
	ck_assert_ptr_nonnull(strstr(err, "/v1/draws/x.1/transcript: 302, a redirect"));
	ck_assert_ptr_null(get(absent, 99, &err));
	ck_assert_ptr_nonnull(strstr(err, "404 not-found"));
}
END_TEST

SUITE(fetch, the_address_of_a_draw_stands_for_its_transcript,
	an_address_is_taken_apart_and_has_to_be_private,
	a_certificate_is_that_of_the_server_and_a_key_is_nobodys, what_happened_is_told)
