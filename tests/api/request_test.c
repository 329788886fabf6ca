/* A request from its head to its statement: caller, roles, headers, body, shape, answer. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

static struct pg *pg;
static struct daemon *server;
static struct client *c; /* of the running test */

static void
setup(void)
{
	if (pg == NULL)
		pg = pg_new();
	if (server == NULL)
		server = daemon_new(pg, (const char *[]){"--auth.note=50ms", NULL});
	c = client_new(server->tls, true);
}

static void
teardown(void)
{
	client_free(&c);
}

static void
become(const char *kind, int roles)
{
	client_become(c, pg, pg_person(pg, kind, roles));
}

static struct answer
expect(int status, const char *code, const char *method, const char *target, const char *fields,
	const char *body)
{
	struct answer a = client_call(c, method, target, fields, body);

	ck_assert_msg(a.status == status, "%s %s: %d, not %d: " TEXT_FMT, method, target, a.status,
		status, TEXT_ARG(a.body));
	if (code != NULL)
		ck_assert_str_eq(answer_member(c, &a, "/code"), code);
	return a;
}

static const char owner[] =
	"{\"kind\":\"owner\",\"name\":\"水利局\",\"credit_code\":\"91350100M000100Y43\"}";

START_TEST(caller_is_known_by_a_whole_and_live_key_only)
{
	const char *key = pg_person(pg, "operator", ROLE_OPERATOR);
	struct answer a;

	(void)expect(401, "unauthorized", "GET", "/v1/me", "", NULL);
	(void)expect(401, "unauthorized", "GET", "/v1/me", "Authorization: Basic eDp5\r\n", NULL);
	(void)expect(401, "unauthorized", "GET", "/v1/me", "Authorization: Bearer flk_x\r\n", NULL);
	(void)expect(401, "unauthorized", "GET", "/v1/items", /* a wrong key is no public either */
		"Authorization: Bearer flk_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17\r\n", NULL);
	client_become(c, pg, key);
	a = expect(200, NULL, "GET", "/v1/me", "", NULL);
	ck_assert_ptr_nonnull(answer_field(&a, "RateLimit").at);
	ck_assert_ptr_null(answer_field(&a, "Access-Control-Allow-Origin").at);
	/* Remembered for some seconds by this loop: the statement of a write looks again. */
	pg_run(pg, "UPDATE market.api_key SET revoked_at = api.now() WHERE id = '%s'", key);
	(void)expect(401, "unauthorized", "POST", "/v1/organisations", "", owner);
}
END_TEST

START_TEST(role_is_refused_before_the_body_is_looked_at)
{
	become("owner", ROLE_OWNER);
	(void)expect(403, "forbidden", "POST", "/v1/organisations", "", "this is no JSON");
	become("operator", ROLE_OPERATOR);
	(void)expect(400, "bad-json", "POST", "/v1/organisations", "", "this is no JSON");
}
END_TEST

START_TEST(headers_that_an_operation_needs_are_asked_for)
{
	struct answer a;

	become("operator", ROLE_OPERATOR);
	client_say(c,
		arena_printf(&c->arena,
			"POST /v1/organisations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			"Idempotency-Key: k\r\nContent-Type: text/plain\r\nContent-Length: "
			"2\r\n\r\n{}",
			c->key));
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 415);
	(void)expect(406, "not-acceptable", "GET", "/v1/items", "Accept: text/html\r\n", NULL);
}
END_TEST

START_TEST(missing_headers_have_codes_of_their_own)
{
	struct answer a;

	become("operator", ROLE_OPERATOR);
	client_say(c,
		arena_printf(&c->arena,
			"POST /v1/organisations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
			c->key, strlen(owner), owner));
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 400);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "idempotency-key-missing");
	(void)expect(400, "bad-input", "POST", "/v1/organisations", "Idempotency-Key: a b\xff\r\n",
		owner);
	become("agency", ROLE_AGENCY);
	(void)expect(428, "if-match-missing", "DELETE", "/v1/offers/off_x", "", NULL);
	(void)expect(400, "bad-input", "DELETE", "/v1/offers/off_x", "If-Match: W/\"1\"\r\n", NULL);
	(void)expect(404, "not-found", "DELETE", "/v1/offers/off_x", "If-Match: \"1\"\r\n", NULL);
}
END_TEST

START_TEST(faults_of_a_body_are_named_by_pointer_in_both_languages)
{
	struct answer a;

	become("operator", ROLE_OPERATOR);
	a = expect(400, "bad-input", "POST", "/v1/organisations", "Accept-Language: en\r\n",
		"{\"kind\":\"none\",\"nam\":1}");
	ck_assert_str_ne(answer_member(c, &a, "/errors/0/pointer"), "");
	ck_assert(text_is(answer_field(&a, "Content-Type"), "application/problem+json"));
	ck_assert_str_eq(
		answer_member(c, &a, "/title"), "The request does not have the described form");
	a = expect(400, "bad-input", "POST", "/v1/organisations", "Accept-Language: zh-CN\r\n",
		"{\"kind\":\"none\",\"nam\":1}");
	ck_assert_str_eq(answer_member(c, &a, "/title"), "请求内容不符合规定的形式");
	(void)expect(400, "bad-json", "POST", "/v1/organisations", "", "{\"kind\":1,\"kind\":2}");
	(void)expect(400, "bad-input", "GET", "/v1/items?limit=0", "", NULL);
	(void)expect(400, "bad-input", "GET", "/v1/items?limt=1", "", NULL);
	(void)expect(400, "bad-input", "GET", "/v1/items?cursor=%20", "", NULL);
}
END_TEST

START_TEST(repeated_write_gets_its_stored_answer)
{
	struct answer first, again;

	become("operator", ROLE_OPERATOR);
	first = expect(
		201, NULL, "POST", "/v1/organisations", "Idempotency-Key: \"k1\"\r\n", owner);
	ck_assert(text_starts(answer_field(&first, "Location"), "/v1/organisations/org_"));
	ck_assert(text_is(answer_field(&first, "ETag"), "\"1\""));
	again = expect(201, NULL, "POST", "/v1/organisations", "Idempotency-Key: k1\r\n", owner);
	ck_assert(text_is(answer_field(&again, "Idempotency-Replayed"), "true"));
	ck_assert(text_eq(first.body, again.body));
	(void)expect(422, "idempotency-key-reused", "POST", "/v1/organisations",
		"Idempotency-Key: k1\r\n",
		"{\"kind\":\"owner\",\"name\":\"x\",\"credit_code\":\"91330100799655058B\"}");
	again = expect(200, NULL, "GET",
		arena_printf(&c->arena, TEXT_FMT, TEXT_ARG(answer_field(&first, "Location"))), "",
		NULL);
	ck_assert(text_is(answer_field(&again, "ETag"), "\"1\""));
}
END_TEST

START_TEST(unchanged_answers_are_304)
{
	struct answer a = expect(200, NULL, "GET", "/v1/statistics", "", NULL), b;

	ck_assert(answer_field(&a, "ETag").len > 2);
	b = expect(304, NULL, "GET", "/v1/statistics",
		arena_printf(&c->arena, "If-None-Match: " TEXT_FMT "\r\n",
			TEXT_ARG(answer_field(&a, "ETag"))),
		NULL);
	ck_assert(text_eq(answer_field(&a, "ETag"), answer_field(&b, "ETag")));
	(void)expect(200, NULL, "GET", "/v1/statistics", "If-None-Match: \"1\"\r\n", NULL);
	ck_assert(text_is(answer_field(&a, "Access-Control-Allow-Origin"), "*"));
}
END_TEST

START_TEST(pages_follow_their_link_to_the_end)
{
	struct answer a = expect(200, NULL, "GET", "/v1/items?limit=100", "", NULL);
	struct text link = answer_field(&a, "Link");
	const char *end = memchr(link.at, '>', link.len);

	ck_assert(text_starts(link, "</v1/items?") && end != NULL);
	a = expect(200, NULL, "GET", arena_str(&c->arena, link.at + 1, (size_t)(end - link.at) - 1),
		"", NULL);
	ck_assert_ptr_null(answer_field(&a, "Link").at);
	ck_assert_str_eq(answer_member(c, &a, "/next_cursor"), "");
}
END_TEST

START_TEST(local_paths_are_served_each_where_it_belongs)
{
	struct answer a = expect(200, NULL, "GET", "/", "", NULL);

	ck_assert_ptr_nonnull(strstr(a.body.at, "service items</td><td>141<"));
	ck_assert_ptr_nonnull(strstr(a.body.at, server->tls));
	a = expect(200, NULL, "GET", "/openapi.json", "", NULL);
	ck_assert_str_eq(answer_member(c, &a, "/openapi"), "3.1.0");
	(void)expect(200, NULL, "GET", "/readyz", "", NULL);
	(void)expect(405, "method-not-allowed", "DELETE", "/livez", "", NULL);
	(void)expect(404, NULL, "GET", "/metrics", "", NULL);
	client_free(&c);
	c = client_new(server->admin, false);
	a = expect(200, NULL, "GET", "/metrics", "", NULL);
	ck_assert_ptr_nonnull(strstr(a.body.at, "fairlot_requests_total"));
	a = expect(200, NULL, "GET", "/readyz?verbose", "", NULL);
	ck_assert_ptr_nonnull(strstr(a.body.at, "database lanes 3 of 3"));
	(void)expect(404, NULL, "GET", "/v1/items", "", NULL);
}
END_TEST

static bool
use_is_noted(void *key)
{
	return pg_number(pg, "SELECT count(last_used_at) FROM market.api_key WHERE id = '%s'",
		       (const char *)key) == 1;
}

START_TEST(the_last_use_of_a_key_is_noted_when_it_was_used)
{
	const char *used = pg_person(pg, "owner", ROLE_OWNER);
	const char *idle = pg_person(pg, "auditor", ROLE_AUDITOR);

	client_become(c, pg, idle);
	client_become(c, pg, used);
	(void)expect(200, NULL, "GET", "/v1/me", "", NULL);
	ck_assert(until(use_is_noted, (void *)(uintptr_t)used, 10000));
	ck_assert(!use_is_noted((void *)(uintptr_t)idle));
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	daemon_free(&server);
	pg_free(&pg);
}
END_TEST

/* The detail of a refusal in a language; "" when it has none. */
static const char *
detail(int status, const char *method, const char *target, const char *fields, const char *body)
{
	struct answer a = expect(status, NULL, method, target, fields, body);

	return answer_member(c, &a, "/detail");
}

START_TEST(refusal_has_its_detail_in_the_language_asked_for)
{
	static const struct {
		int status, roles;
		const char *method, *target, *fields, *body, *zh, *en;
	} rows[] = {
		{401, 0, "GET", "/v1/me", "", NULL, "此操作需要 API 密钥",
			"this operation needs an API key"},
		{401, 0, "GET", "/v1/me", "Authorization: Basic eDp5\r\n", NULL,
			"应有 Authorization: Bearer flk_…", "expected Authorization: Bearer flk_…"},
		{403, ROLE_OWNER, "POST", "/v1/organisations", "", owner,
			"该密钥没有可进行此操作的角色",
			"the key has none of the roles that may do this"},
		{404, ROLE_OWNER, "GET", "/v1/none", "", NULL, "没有此路径", "no such path"},
		{405, ROLE_OWNER, "PATCH", "/v1/items", "", NULL, "可用的方法见 Allow",
			"see Allow"},
		{406, ROLE_OWNER, "GET", "/v1/items", "Accept: text/html\r\n", NULL,
			"答复为 application/json", "the answer is application/json"},
		{428, ROLE_OWNER, "DELETE", "/v1/keys/key_x", "", NULL,
			"If-Match 须为所给的单个 ETag", "If-Match is one ETag as given"},
		{501, 0, "TRACE", "/v1/items", "", NULL, "不认识该方法", "the method is not known"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *english =
			arena_printf(&c->arena, "%sAccept-Language: en\r\n", rows[i].fields);

		c->key[0] = '\0';
		if (rows[i].roles != 0)
			become("owner", rows[i].roles);
		ck_assert_str_eq(detail(rows[i].status, rows[i].method, rows[i].target,
					 rows[i].fields, rows[i].body),
			rows[i].zh);
		if (rows[i].status == 501) { /* the head is not read to its end */
			client_reopen(c);
			continue;
		}
		ck_assert_str_eq(detail(rows[i].status, rows[i].method, rows[i].target, english,
					 rows[i].body),
			rows[i].en);
	}
}
END_TEST

SUITE_WITH(request, setup, teardown, daemon_ends_with_status_0,
	caller_is_known_by_a_whole_and_live_key_only,
	the_last_use_of_a_key_is_noted_when_it_was_used,
	role_is_refused_before_the_body_is_looked_at, headers_that_an_operation_needs_are_asked_for,
	missing_headers_have_codes_of_their_own,
	faults_of_a_body_are_named_by_pointer_in_both_languages,
	refusal_has_its_detail_in_the_language_asked_for, repeated_write_gets_its_stored_answer,
	unchanged_answers_are_304, pages_follow_their_link_to_the_end,
	local_paths_are_served_each_where_it_belongs)
