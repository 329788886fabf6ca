/* What is as long as its shape allows goes all the way: into the answer, the journal's entry and
 * the transcript; one character more is refused.  Characters are the dearest that a text may have:
 * a quotation mark as six bytes in the request, escaped in the journal; U+1D11E, four bytes. */
#include <check.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *market;

static struct scene *
scene_market(void)
{
	if (market == NULL)
		market = scene_new("demo");
	return market;
}

/* So many characters, each written as `unit`. */
static const char *
many(struct scene *s, const char *unit, int count)
{
	size_t len = strlen(unit);
	char *text = arena_alloc(&s->client->arena, len * (size_t)count + 1);

	for (int i = 0; i < count; i++)
		memcpy(text + len * (size_t)i, unit, len);
	return text;
}

#define DEAR  "\\u0022"
#define BROAD "\xf0\x9d\x84\x9e"

static const char *
draft(struct scene *s, const char *unit, int title, int content, int reason)
{
	const char *avoid = "";

	for (int i = 0; i < 20; i++)
		avoid = scene_text(s, "%s%s{\"agency_id\":\"%s\",\"reason\":\"%s\"}", avoid,
			i == 0 ? "" : ",", s->agency_id[4], many(s, unit, reason));
	return scene_text(s,
		"{\"item\":\"I001\",\"title\":\"%s\",\"content\":\"%s\",\"mode\":\"draw\","
		"\"profile\":\"demo\",\"fiscal_bp\":0,\"price_basis\":\"fixed\",\"price_fen\":"
		"100000000000,\"budget_fen\":100000000000,\"avoid\":[%s]}",
		many(s, unit, title), many(s, unit, content), avoid);
}

static void
is_too_long(struct scene *s, int who, const char *request, const char *version, const char *body,
	const char *pointer)
{
	scene_refused(s, who, request, version, body, "bad-input", pointer);
	ck_assert_str_eq(scene_member(s, "/errors/0/code"), "length");
}

static const char *
selected_with(struct scene *s, const char *unit)
{
	const char *project, *path, *draw;

	is_too_long(s, OWNER, "POST /v1/projects", NULL, draft(s, unit, 201, 1, 1), "/title");
	is_too_long(s, OWNER, "POST /v1/projects", NULL, draft(s, unit, 1, 5001, 1), "/content");
	is_too_long(
		s, OWNER, "POST /v1/projects", NULL, draft(s, unit, 1, 1, 201), "/avoid/0/reason");
	scene_does(s, OWNER, "POST /v1/projects", NULL, draft(s, unit, 200, 5000, 200));
	project = scene_member(s, "/id");
	path = scene_text(s, "/v1/projects/%s", project);
	draw = scene_text(s, "%s.1", project);
	life_submit(s, project);
	is_too_long(s, REVIEWER, scene_text(s, "POST %s/review", path),
		scene_look(s, path, "/version"),
		scene_text(s, "{\"publish\":false,\"reason\":\"%s\"}", many(s, unit, 501)),
		"/reason");
	scene_does(s, REVIEWER, scene_text(s, "POST %s/review", path),
		scene_look(s, path, "/version"),
		scene_text(s, "{\"publish\":false,\"reason\":\"%s\"}", many(s, unit, 500)));
	scene_does(s, OWNER, scene_text(s, "POST %s/submission", path), NULL, NULL);
	life_publish(s, project);
	(void)life_signup(s, project, 0);
	scene_does(s, OWNER, scene_text(s, "POST %s/amendments", path),
		scene_look(s, path, "/version"),
		scene_text(s, "{\"reason\":\"%s\",\"content\":\"a%s\"}", many(s, unit, 500),
			many(s, unit, 4999)));
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, draw);
	life_transcript(s, draw, 1);
	return path;
}

static void
objected(struct scene *s, const char *path, const char *unit)
{
	const char *objection, *version;

	is_too_long(s, AUDITOR, scene_text(s, "POST %s/objections", path), NULL,
		scene_text(s, "{\"body\":\"%s\"}", many(s, unit, 5001)), "/body");
	scene_does(s, AUDITOR, scene_text(s, "POST %s/objections", path), NULL,
		scene_text(s, "{\"body\":\"%s\"}", many(s, unit, 5000)));
	objection = scene_member(s, "/id");
	version = scene_member(s, "/version");
	scene_does(s, REGULATOR, scene_text(s, "POST /v1/objections/%s/decision", objection),
		version,
		scene_text(
			s, "{\"decision\":\"dismissed\",\"reason\":\"%s\"}", many(s, unit, 2000)));
}

static void
ordered(struct scene *s, const char *project, const char *unit, int contract)
{
	const char *path = scene_text(s, "/v1/orders/%s",
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/standing/0/order_id"));

	scene_does(s, OWNER, scene_text(s, "POST %s/contract", path),
		scene_look(s, path, "/version"),
		scene_text(s, "{\"amount_fen\":100000000000,\"number\":\"%s\",\"text\":\"%s\"}",
			many(s, unit, 100), many(s, unit, contract)));
	scene_does(s, AGENCY, scene_text(s, "POST %s/contract/confirmation", path),
		scene_member(s, "/version"), NULL);
	scene_does(s, AGENCY, scene_text(s, "POST %s/delivery", path), NULL,
		scene_text(s, "{\"note\":\"%s\"}", many(s, unit, 2000)));
	scene_does(s, OWNER, scene_text(s, "POST %s/acceptance", path), scene_member(s, "/version"),
		NULL);
	scene_does(s, OWNER, scene_text(s, "POST %s/payments", path), NULL,
		scene_text(s, "{\"amount_fen\":100000000000,\"reference\":\"%s\"}",
			many(s, unit, 200)));
	is_too_long(s, AGENCY, scene_text(s, "POST %s/payments/evidence", path), NULL,
		scene_text(s, "{\"amount_fen\":100000000000,\"reference\":\"%s\"}",
			many(s, unit, 201)),
		"/reference");
	scene_does(s, AGENCY, scene_text(s, "POST %s/payments/evidence", path), NULL,
		scene_text(s, "{\"amount_fen\":100000000000,\"reference\":\"%s\"}",
			many(s, unit, 200)));
	ck_assert_str_eq(scene_member(s, "/state"), "paid");
	scene_does(s, OWNER, scene_text(s, "POST %s/ratings", path), NULL,
		scene_text(s,
			"{\"quality\":1,\"time\":1,\"conduct\":1,\"price\":1,\"service\":1,"
			"\"remark\":\"%s\"}",
			many(s, unit, 2000)));
	scene_does(s, OWNER, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_uint_eq(text_points(text_of(scene_member(s, "/contract_text"))), contract);
	life_ledger(s);
}

/* The text of a contract has a limit below the body's in U+1D11E, and above it in escapes. */
static void
goes_through(struct scene *s, const char *unit, int contract)
{
	const char *path = selected_with(s, unit), *project = path + strlen("/v1/projects/");

	objected(s, path, unit);
	/* The decision plans the award anew, at once if the standstill is over. */
	life_pass(s, project, "/standstill_until", "awarded");
	ordered(s, project, unit, contract);
	invariants_hold(s->pg);
}

START_TEST(longest_texts_of_escaped_characters_go_through)
{
	goes_through(scene_market(), DEAR, 40000);
}
END_TEST

START_TEST(longest_texts_of_four_byte_characters_go_through)
{
	goes_through(scene_market(), BROAD, 50000);
}
END_TEST

START_TEST(longest_texts_of_agencies_and_offers_go_through)
{
	struct scene *s = scene_market();
	const char *path = scene_text(s, "/v1/agencies/%s", s->agency_id[0]);

	scene_does(s, OPERATOR, "POST /v1/organisations", NULL,
		scene_text(s, "{\"kind\":\"agency\",\"name\":\"%s\",\"credit_code\":\"%s\"}",
			many(s, BROAD, 200), scene_credit_code(s)));
	is_too_long(s, OPERATOR, "POST /v1/organisations", NULL,
		scene_text(s, "{\"kind\":\"agency\",\"name\":\"%s\",\"credit_code\":\"%s\"}",
			many(s, BROAD, 201), scene_credit_code(s)),
		"/name");
	scene_does(s, AGENCY, scene_text(s, "POST %s/certificates", path), NULL,
		scene_text(s,
			"{\"qualification\":\"Q02\",\"grade\":\"甲级\",\"issuer\":\"%s\","
			"\"number\":\"%s\",\"expires_on\":\"2999-12-31\"}",
			many(s, DEAR, 200), many(s, BROAD, 100)));
	scene_does(s, OPERATOR, scene_text(s, "POST %s/check", path), scene_member(s, "/version"),
		scene_text(s, "{\"decision\":\"pass\",\"reason\":\"%s\"}", many(s, DEAR, 500)));
	scene_does(s, AGENCY, "POST /v1/offers", NULL,
		scene_text(s,
			"{\"item\":\"I001\",\"title\":\"%s\",\"price_fen\":100000000000,"
			"\"working_days\":3650,\"promise\":\"%s\"}",
			many(s, BROAD, 200), many(s, DEAR, 2000)));
	scene_does(s, NOBODY, "GET /v1/offers", NULL, NULL);
	ck_assert_uint_eq(text_points(text_of(scene_member(s, "/items/0/title"))), 200);
	scene_free(&market);
}
END_TEST

SUITE(limit, longest_texts_of_escaped_characters_go_through,
	longest_texts_of_four_byte_characters_go_through,
	longest_texts_of_agencies_and_offers_go_through)
