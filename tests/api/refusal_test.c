/* What the market does not take: each refusal is a problem document that names the field or the
 * rule, and leaves nothing behind. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *market;
static const char *before;

static struct scene *
scene_market(void)
{
	if (market == NULL)
		market = scene_new("demo");
	return market;
}

/* Every row of every table, by number and hash; a key's last use is no matter of a call. */
static const char *
state_of(struct scene *s)
{
	return pg_value(s->pg,
		"SELECT string_agg(c.relname || ' ' || (xpath('//n/text()', query_to_xml(format("
		"'SELECT count(*) || '' '' || coalesce(md5(string_agg((to_jsonb(r) - "
		"''last_used_at'')::text, '''' ORDER BY r::text)), '''') AS n FROM market.%%I r', "
		"c.relname), false, false, '')))[1], E'\\n' ORDER BY c.relname)"
		" FROM pg_class c WHERE c.relnamespace = 'market'::regnamespace AND c.relkind = "
		"'r'");
}

/* Timers that a moved clock made due have run. */
static void
mark(struct scene *s)
{
	scene_until(s, "0", "SELECT count(*) FROM market.job WHERE due_at <= api.now()");
	before = state_of(s);
	ck_assert_ptr_nonnull(strstr(before, "outbox"));
}

static void
unchanged(struct scene *s)
{
	ck_assert_str_eq(state_of(s), before);
}

static const char *
draft_of(struct scene *s)
{
	scene_does(s, OWNER, "POST /v1/projects", NULL, life_body(s, "draw", NULL, ""));
	return scene_member(s, "/id");
}

/* --- bodies --- */

START_TEST(what_is_not_strict_json_is_refused)
{
	static const char *const bodies[] = {"{", "{}{}", "{} x", "{'title':\"x\"}",
		"{\"price_fen\":NaN}", "{\"price_fen\":01}", "{\"price_fen\":+1}",
		"{\"price_fen\":1.}", "{\"avoid\":[1,]}", "{\"title\":\"a\",\"title\":\"b\"}",
		"{\"title\":\"a\\u0000b\"}", "{\"ti\\u0000tle\":\"a\"}", "{\"title\":\"\\ud800\"}",
		"{\"title\":\"\\udc00\\ud800\"}", "{\"title\":\"a\tb\"}", "{\"title\":\"\\x\"}",
		"{\"title\":\"\xff\"}", "{\"title\":\"\xc0\xaf\"}", "{\"title\":\"\xed\xa0\x80\"}",
		"{\"title\":\"\xf4\x90\x80\x80\"}", "\xef\xbb\xbf{}", "{\"title\":nul}", "/**/{}",
		"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "{\"title\"}", "\"", "]", "null"};
	struct scene *s = scene_market();

	mark(s);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		scene_refused(s, OWNER, "POST /v1/projects", NULL, bodies[i], "bad-json", "");
		ck_assert_str_ne(scene_member(s, "/detail"), "");
	}
	unchanged(s);
}
END_TEST

/* A draft with one member more or other than right; the pointer, and the code of the fault. */
START_TEST(members_are_refused_by_pointer)
{
	static const struct {
		const char *member, *value, *pointer, *code;
	} rows[] = {
		{"profil", "\"demo\"", "/profil", "unknown"},
		{"a/b~c", "1", "/a~1b~0c", "unknown"},
		{"title", NULL, "/title", "required"},
		{"mode", NULL, "/mode", "required"},
		{"budget_fen", NULL, "/budget_fen", "required"},
		{"title", "7", "/title", "type"},
		{"title", "null", "/title", "type"},
		{"title", "\"\"", "/title", "length"},
		{"mode", "\"lottery\"", "/mode", "choice"},
		{"item", "\"I 001\"", "/item", "format"},
		{"fiscal_bp", "10001", "/fiscal_bp", "range"},
		{"fiscal_bp", "true", "/fiscal_bp", "type"},
		{"price_fen", "0", "/price_fen", "range"},
		{"price_fen", "-1", "/price_fen", "range"},
		{"price_fen", "100000000001", "/price_fen", "range"},
		{"price_fen", "9007199254740992", "/price_fen", "range"},
		{"price_fen", "99999999999999999999999", "/price_fen", "range"},
		{"price_fen", "1.0", "/price_fen", "type"},
		{"price_fen", "1e2", "/price_fen", "type"},
		{"price_fen", "0.1", "/price_fen", "type"},
		{"price_fen", "\"100\"", "/price_fen", "type"},
		{"price_fen", "[100]", "/price_fen", "type"},
		{"winners", "0", "/winners", "range"},
		{"deadline_at", "\"2024-03-01\"", "/deadline_at", "format"},
		{"deadline_at", "\"2024-03-01T09:00:00+08:00\"", "/deadline_at", "format"},
		{"deadline_at", "\"2024-02-30T09:00:00Z\"", "/deadline_at", "format"},
		{"avoid", "{}", "/avoid", "type"},
		{"avoid", "[{\"agency_id\":\"agc_x\"}]", "/avoid/0/reason", "required"},
		{"avoid", "[{\"agency_id\":\"agc_x\",\"reason\":\"\"}]", "/avoid/0/reason",
			"length"},
		{"avoid", "[{\"agency_id\":\"agc_x\",\"reason\":\"x\",\"z\":1}]", "/avoid/0/z",
			"unknown"},
	};
	static const char *const members[][2] = {{"item", "\"I001\""}, {"title", "\"项目\""},
		{"content", "\"内容\""}, {"mode", "\"draw\""}, {"profile", "\"demo\""},
		{"fiscal_bp", "0"}, {"price_basis", "\"fixed\""}, {"price_fen", "100"},
		{"budget_fen", "100"}};
	struct scene *s = scene_market();

	mark(s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *body = "{";
		bool there = false;

		for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
			bool same = strcmp(members[m][0], rows[i].member) == 0;
			const char *value = same ? rows[i].value : members[m][1];

			there = there || same;
			if (value != NULL)
				body = scene_text(s, "%s%s\"%s\":%s", body,
					strcmp(body, "{") == 0 ? "" : ",", members[m][0], value);
		}
		body = there ? scene_text(s, "%s}", body)
			     : scene_text(s, "%s,\"%s\":%s}", body, rows[i].member, rows[i].value);
		scene_refused(
			s, OWNER, "POST /v1/projects", NULL, body, "bad-input", rows[i].pointer);
		ck_assert_msg(strcmp(scene_member(s, "/errors/0/code"), rows[i].code) == 0,
			"%s: %s", body, scene_member(s, "/errors/0/code"));
	}
	scene_refused(s, OWNER, "POST /v1/projects", NULL, "[]", "bad-input", "");
	scene_refused(s, OWNER, "POST /v1/projects", NULL, "7", "bad-input", "");
	unchanged(s);
}
END_TEST

/* TR1: right in form and wrong in the market. */
START_TEST(drafts_that_break_a_rule_are_refused)
{
	static const struct {
		const char *mode, *price, *more, *pointer;
	} rows[] = {
		{"draw", "\"price_basis\":\"none\"", "", "/price_basis"},
		{"draw", "\"price_basis\":\"fixed\"", "", "/price_fen"},
		{"draw", "\"price_basis\":\"fixed\",\"price_fen\":1,\"ceiling_fen\":2", "",
			"/ceiling_fen"},
		{"draw", "\"price_basis\":\"ceiling\",\"ceiling_fen\":20000001", "", "/budget_fen"},
		{"draw", NULL, ",\"winners\":3", "/budget_fen"},
		{"draw", NULL, ",\"winners\":11", "/winners"},
		{"auction", NULL, ",\"winners\":2", "/winners"},
		{"auction", "\"price_basis\":\"ceiling\",\"ceiling_fen\":1000,\"floor_fen\":1001",
			"", "/floor_fen"},
		{"auction", "\"price_basis\":\"ceiling\",\"ceiling_fen\":1000,\"step_fen\":99", "",
			"/step_fen"},
		{"draw", NULL, ",\"avoid\":[{\"agency_id\":\"agc_x\",\"reason\":\"x\"}]", "/avoid"},
	};
	struct scene *s = scene_market();

	mark(s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene_refused(s, OWNER, "POST /v1/projects", NULL,
			life_body(s, rows[i].mode, rows[i].price, rows[i].more), "rule",
			rows[i].pointer);
		ck_assert_str_eq(scene_member(s, "/rule"), "TR1");
	}
	unchanged(s);
}
END_TEST

static const char *
entry_of(struct scene *s, const char *code, const char *more)
{
	return scene_text(
		s, "{\"kind\":\"owner\",\"name\":\"某公司\",\"credit_code\":\"%s\"%s}", code, more);
}

START_TEST(credit_code_with_a_wrong_check_needs_a_reason)
{
	static const char post[] = "POST /v1/organisations";
	static const char override[] = ",\"credit_code_override\":\"证照原件如此\"";
	static const char wrong[] = "91350100M000100Y44", right[] = "91350100M000100Y43";
	struct scene *s = scene_market();

	mark(s);
	scene_refused(s, OPERATOR, post, NULL, entry_of(s, wrong, ""), "credit-code-check",
		"/credit_code");
	scene_refused(s, OPERATOR, post, NULL, entry_of(s, "91350100M000100Y4I", override),
		"bad-input", "/credit_code");
	scene_refused(s, OPERATOR, post, NULL, entry_of(s, "91350100M000100Y4", ""), "bad-input",
		"/credit_code");
	unchanged(s);
	scene_does(s, OPERATOR, post, NULL, entry_of(s, wrong, override));
	ck_assert_str_eq(scene_member(s, "/credit_code_override"), "证照原件如此");
	scene_does(s, OPERATOR, post, NULL, entry_of(s, right, override));
	ck_assert_str_eq(scene_member(s, "/credit_code_override"), "");
	mark(s);
	scene_refused(s, OPERATOR, post, NULL, entry_of(s, right, ""), "duplicate", "/credit_code");
	unchanged(s);
}
END_TEST

/* --- the market's rules --- */

START_TEST(bids_that_are_not_taken_leave_nothing)
{
	struct scene *s = scene_market();
	const char *project = life_open(s, "auction", NULL, ""), *bids;

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	bids = scene_text(s, "POST /v1/auctions/%s/bids",
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/auction_id"));
	scene_does(s, AGENCY, bids, NULL, "{\"amount_fen\":9000000}");
	mark(s);
	scene_refused(s, AGENCY + 1, bids, NULL, "{\"amount_fen\":9000000}", "bid-too-high",
		"auction.step");
	scene_refused(s, AGENCY + 1, bids, NULL, "{\"amount_fen\":8999901}", "bid-too-high",
		"/amount_fen");
	scene_refused(s, AGENCY + 3, bids, NULL, "{\"amount_fen\":8000000}", "ineligible",
		"auction.bidder");
	scene_refused(s, OWNER, bids, NULL, "{\"amount_fen\":8000000}", "forbidden", "");
	scene_refused(s, NOBODY, bids, NULL, "{\"amount_fen\":8000000}", "unauthorized", "");
	scene_refused(s, AGENCY, "POST /v1/auctions/auc_x/bids", NULL, "{\"amount_fen\":8000000}",
		"not-found", "");
	scene_refused(s, AGENCY + 1, bids, NULL, "{\"amount_fen\":0}", "bad-input", "/amount_fen");
	unchanged(s);
	pg_clock_move(s->pg, "1 hour");
	scene_refused(s, AGENCY + 1, bids, NULL, "{\"amount_fen\":8000000}", "late", "auction.end");
	life_until(s, project, "failed"); /* one bidder */
}
END_TEST

START_TEST(signups_that_are_not_taken_leave_nothing)
{
	struct scene *s = scene_market();
	const char *project = life_open(s, "draw", NULL, "");
	const char *signup = scene_text(s, "POST /v1/projects/%s/signups", project);
	PGconn *holder;

	(void)life_signup(s, project, 0);
	mark(s);
	scene_refused(s, AGENCY, signup, NULL, NULL, "duplicate", "signup.once");
	scene_refused(s, OWNER, signup, NULL, NULL, "forbidden", "");
	scene_refused(s, AGENCY, "POST /v1/projects/prj_x/signups", NULL, NULL, "not-found", "");
	scene_refused(s, AGENCY, scene_text(s, "POST /v1/projects/%s/signups", "prj%2Fx"), NULL,
		NULL, "not-found", "");
	unchanged(s);
	holder = scene_hold(s, "draw_freeze", scene_text(s, "%s.1", project));
	pg_clock_set(
		s->pg, scene_look(s, scene_text(s, "/v1/projects/%s", project), "/deadline_at"));
	before = state_of(s); /* that one is due and held */
	scene_refused(s, AGENCY + 1, signup, NULL, NULL, "late", "signup.deadline");
	unchanged(s);
	scene_release(&holder);
	life_until(s, project, "failed");
}
END_TEST

static const char *
contract_of(struct scene *s, const char *fen)
{
	return scene_text(s, "{\"amount_fen\":%s,\"number\":\"HT\",\"text\":\"正文\"}", fen);
}

/* No state is skipped, and only the party acts. */
START_TEST(orders_move_by_their_parties_and_in_order)
{
	static const char *const pay = "{\"amount_fen\":9000000,\"reference\":\"FP\"}";
	struct scene *s = scene_market();
	const char *project = life_open(s, "draw", NULL, ""), *path, *version;
	int winner, other;

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, scene_text(s, "%s.1", project));
	life_pass(s, project, "/standstill_until", "awarded");
	winner = AGENCY + life_agency(s, project, 0);
	other = AGENCY + life_agency(s, project, 1);
	path = scene_text(s, "/v1/orders/%s",
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/standing/0/order_id"));
	version = scene_look(s, path, "/version");
	mark(s);
	scene_refused(s, STRANGER, scene_text(s, "POST %s/contract", path), version,
		contract_of(s, "9000000"), "not-found", "");
	scene_refused(s, OWNER, scene_text(s, "POST %s/contract", path), version,
		contract_of(s, "9450001"), "rule", "/amount_fen");
	scene_refused(s, OWNER, scene_text(s, "POST %s/contract", path), "77",
		contract_of(s, "9000000"), "stale", "");
	scene_refused(s, winner, scene_text(s, "POST %s/contract/confirmation", path), version,
		NULL, "wrong-state", "TR9");
	scene_refused(s, winner, scene_text(s, "POST %s/delivery", path), NULL, "{\"note\":\"x\"}",
		"wrong-state", "");
	scene_refused(s, OWNER, scene_text(s, "POST %s/acceptance", path), version, NULL,
		"wrong-state", "TR10");
	scene_refused(s, STRANGER, scene_text(s, "POST %s/acceptance", path), version, NULL,
		"not-found", "");
	scene_refused(
		s, OWNER, scene_text(s, "POST %s/payments", path), NULL, pay, "wrong-state", "");
	scene_refused(s, winner, scene_text(s, "POST %s/payments/evidence", path), NULL, pay,
		"wrong-state", "");
	scene_refused(s, OWNER, scene_text(s, "POST %s/ratings", path), NULL,
		"{\"quality\":5,\"time\":5,\"conduct\":5,\"price\":5,\"service\":5}", "wrong-state",
		"TR11");
	unchanged(s);
	scene_does(s, OWNER, scene_text(s, "POST %s/contract", path), version,
		contract_of(s, "9000000"));
	version = scene_member(s, "/version");
	mark(s);
	scene_refused(s, other, scene_text(s, "POST %s/contract/confirmation", path), version, NULL,
		"not-found", "");
	scene_refused(s, OWNER, scene_text(s, "POST %s/contract/confirmation", path), version, NULL,
		"forbidden", "");
	unchanged(s);
	invariants_hold(s->pg);
}
END_TEST

/* --- versions and keys --- */

START_TEST(versions_are_asked_for_and_compared)
{
	static const char title[] = "{\"title\":\"新标题\"}";
	static const char *const forms[] = {"*", "W/\"1\"", "1", "\"1\", \"2\"", "\"x\"", "\"\""};
	struct scene *s = scene_market();
	const char *project = draft_of(s);
	const char *patch = scene_text(s, "PATCH /v1/projects/%s", project);
	const char *get = scene_text(s, "GET /v1/projects/%s", project);

	mark(s);
	scene_refused(s, OWNER, patch, NULL, title, "if-match-missing", "");
	scene_refused(s, OWNER, patch, "2", title, "stale", "");
	scene_refused(s, STRANGER, patch, "1", title, "not-found", "");
	scene_refused(s, STRANGER, get, NULL, NULL, "not-found", "");
	scene_refused(s, NOBODY, get, NULL, NULL, "not-found", "");
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		scene_ask_with(s, OWNER, patch, scene_text(s, "If-Match: %s\r\n", forms[i]), title);
		scene_is_refusal(s, "bad-input", "");
	}
	unchanged(s);
	scene_does(s, OWNER, patch, "1", title);
	ck_assert(text_is(answer_field(&s->last, "ETag"), "\"2\""));
	scene_refused(s, OWNER, patch, "1", title, "stale", "");
	scene_ask_with(s, OWNER, get, "If-None-Match: \"2\"\r\n", NULL);
	ck_assert_int_eq(s->last.status, 304);
	scene_ask_with(s, OWNER, get, "If-None-Match: \"1\"\r\n", NULL);
	ck_assert_int_eq(s->last.status, 200);
	ck_assert_int_eq(scene_number(s, "/version"), 2);
}
END_TEST

/* A call in flight is one whose key stands in a transaction that has not ended. */
START_TEST(key_of_a_call_in_flight_is_refused_until_it_is_over)
{
	struct scene *s = scene_market();
	PGconn *flight = pg_connect(s->pg, "postgres");
	const char *fields = "Idempotency-Key: flight\r\n", *body = life_body(s, "draw", NULL, "");

	PQclear(PQexec(flight, "BEGIN"));
	PQclear(PQexec(flight,
		scene_text(s,
			"INSERT INTO market.idempotency (principal, key, hash, created_at) VALUES "
			"('%s', 'flight', '\\x00', api.now())",
			s->user_id[OWNER])));
	mark(s);
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, body);
	scene_is_refusal(s, "idempotency-key-in-flight", "");
	ck_assert_uint_gt(answer_field(&s->last, "Retry-After").len, 0);
	unchanged(s);
	/* Another person's key of the same name is another key. */
	scene_ask_with(s, STRANGER, "POST /v1/projects", fields, body);
	ck_assert_int_eq(s->last.status, 201);
	PQfinish(flight);
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, body);
	ck_assert_int_eq(s->last.status, 201);
}
END_TEST

START_TEST(repeated_key_gives_the_first_answer_and_only_to_the_same_request)
{
	struct scene *s = scene_market();
	const char *fields = "Idempotency-Key: \"twice\"\r\n", *project, *secret;
	const char *keys = scene_text(s, "POST /v1/users/%s/keys", s->user_id[OWNER]);
	struct text first;

	scene_ask_with(s, OWNER, "POST /v1/projects", fields, life_body(s, "draw", NULL, ""));
	ck_assert_int_eq(s->last.status, 201);
	ck_assert_ptr_null(answer_field(&s->last, "Idempotency-Replayed").at);
	project = scene_member(s, "/id");
	first = s->last.body;
	mark(s);
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, life_body(s, "draw", NULL, ""));
	ck_assert_int_eq(s->last.status, 201);
	ck_assert(text_is(answer_field(&s->last, "Idempotency-Replayed"), "true"));
	ck_assert(text_eq(s->last.body, first));
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, life_body(s, "pick", NULL, ""));
	scene_is_refusal(s, "idempotency-key-reused", "");
	scene_ask_with(
		s, OWNER, scene_text(s, "POST /v1/projects/%s/submission", project), fields, NULL);
	scene_is_refusal(s, "idempotency-key-reused", "");
	unchanged(s);
	/* A secret is shown once. */
	fields = "Idempotency-Key: secret\r\n";
	scene_ask_with(s, OWNER, keys, fields, "{\"label\":\"x\",\"roles\":[\"owner\"]}");
	ck_assert_int_eq(s->last.status, 201);
	secret = scene_member(s, "/secret");
	ck_assert_uint_eq(strlen(secret), KEY_LEN);
	scene_ask_with(s, OWNER, keys, fields, "{\"label\":\"x\",\"roles\":[\"owner\"]}");
	ck_assert_int_eq(s->last.status, 201);
	ck_assert_str_eq(scene_member(s, "/secret"), "");
	/* A refusal is not kept: the corrected request may have its key. */
	fields = "Idempotency-Key: again\r\n";
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, "{}");
	scene_is_refusal(s, "bad-input", "");
	scene_ask_with(s, OWNER, "POST /v1/projects", fields, life_body(s, "draw", NULL, ""));
	ck_assert_int_eq(s->last.status, 201);
}
END_TEST

/* Expired or revoked, a key ends at once, also where it was in use a moment ago. */
START_TEST(credentials_end_when_they_expire_or_are_revoked)
{
	struct scene *s = scene_market();
	const char *keys = scene_text(s, "POST /v1/users/%s/keys", s->user_id[STRANGER]);
	const char *body = life_body(s, "draw", NULL, ""), *id;
	char kept[KEY_LEN + 1];

	memcpy(kept, s->key[STRANGER], sizeof kept);
	scene_refused(s, STRANGER, keys, NULL, "{\"label\":\"x\",\"roles\":[\"operator\"]}", "rule",
		"/roles");
	scene_does(s, STRANGER, keys, NULL,
		scene_text(s, "{\"label\":\"x\",\"roles\":[\"owner\"],\"expires_at\":\"%s\"}",
			pg_value(s->pg, "SELECT api.utc(api.now() + interval '1 minute')")));
	(void)snprintf(s->key[STRANGER], sizeof kept, "%s", scene_member(s, "/secret"));
	scene_does(s, STRANGER, "POST /v1/projects", NULL, body);
	pg_clock_move(s->pg, "1 minute");
	mark(s);
	scene_refused(s, STRANGER, "POST /v1/projects", NULL, body, "unauthorized", "");
	scene_refused(s, STRANGER, "GET /v1/me", NULL, NULL, "unauthorized", "");
	unchanged(s);
	memcpy(s->key[STRANGER], kept, sizeof kept);
	scene_does(s, STRANGER, keys, NULL, "{\"label\":\"y\",\"roles\":[\"owner\"]}");
	id = scene_member(s, "/id");
	(void)snprintf(s->key[STRANGER], sizeof kept, "%s", scene_member(s, "/secret"));
	scene_does(s, STRANGER, "POST /v1/projects", NULL, body);
	scene_refused(
		s, OWNER, scene_text(s, "DELETE /v1/keys/%s", id), "1", NULL, "not-found", "");
	scene_does(s, OPERATOR, scene_text(s, "DELETE /v1/keys/%s", id), "1", NULL);
	mark(s);
	scene_refused(s, STRANGER, "POST /v1/projects", NULL, body, "unauthorized", "");
	ck_assert(answer_field(&s->last, "WWW-Authenticate").len > 0);
	scene_refused(s, STRANGER, "GET /v1/me/projects", NULL, NULL, "unauthorized", "");
	unchanged(s);
	memcpy(s->key[STRANGER], kept, sizeof kept);
	scene_does(s, STRANGER, scene_text(s, "GET %s", keys + strlen("POST ")), NULL, NULL);
	ck_assert_str_ne(scene_member(s, "/items/2/revoked_at"), "");
}
END_TEST

/* --- HTTP --- */

START_TEST(media_size_and_language_are_looked_at)
{
	static const struct {
		const char *language, *title;
	} rows[] = {
		{"en", "The request does not have the described form"},
		{"en-GB, zh;q=0.5", "The request does not have the described form"},
		{"zh-CN", "请求内容不符合规定的形式"},
		{"en;q=0.3, zh;q=0.8", "请求内容不符合规定的形式"},
		{"fr", "请求内容不符合规定的形式"},
	};
	struct scene *s = scene_market();
	char *big = calloc(1, 300001);

	mark(s);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene_ask_with(s, OWNER, "POST /v1/projects",
			scene_text(s, "Accept-Language: %s\r\n", rows[i].language), "{}");
		scene_is_refusal(s, "bad-input", "/item");
		ck_assert_str_eq(scene_member(s, "/title"), rows[i].title);
	}
	/* What the database says of a refusal is in the language asked for, too. */
	scene_ask_with(s, OWNER, "GET /v1/items/I999", "Accept-Language: en\r\n", NULL);
	ck_assert_str_eq(scene_member(s, "/detail"), "there is no such service item");
	scene_ask_with(s, OWNER, "GET /v1/items/I999", "Accept-Language: zh\r\n", NULL);
	ck_assert_str_eq(scene_member(s, "/detail"), "没有此服务事项");
	scene_ask_with(s, OWNER, "GET /v1/items", "Accept: image/png\r\n", NULL);
	scene_is_refusal(s, "not-acceptable", "");
	memset(big, ' ', 300000);
	scene_ask(s, OWNER, "POST /v1/projects", NULL, big);
	scene_is_refusal(s, "too-large", "");
	free(big);
	unchanged(s);
	client_reopen(s->client);
}
END_TEST

/* All items on pages of 50, each once; the Link is the next request. */
START_TEST(lists_are_walked_by_their_cursors)
{
	static const char *const wrong[] = {"limit=0", "limit=201", "limit=x", "limit=1&limit=2",
		"cursor=", "cursor=%21", "cursor=eA", "page=2", "category=a+b"};
	struct scene *s = scene_market();
	const char *next = "/v1/items?limit=50", *cursor, *last = "";
	int count = 0;

	for (int page = 0; next != NULL; page++) {
		struct text link;

		ck_assert_int_lt(page, 3);
		scene_does(s, NOBODY, scene_text(s, "GET %s", next), NULL, NULL);
		for (int i = 0;; i++) {
			const char *code = scene_member(s, scene_text(s, "/items/%d/code", i));

			if (code[0] == '\0')
				break;
			ck_assert_int_gt(strcmp(code, last), 0);
			last = code;
			count++;
		}
		cursor = scene_member(s, "/next_cursor");
		link = answer_field(&s->last, "Link");
		ck_assert_int_eq(link.len > 0, cursor[0] != '\0');
		next = link.len == 0
			? NULL
			: scene_text(s, "%.*s",
				  (int)((const char *)memchr(link.at, '>', link.len) - link.at) - 1,
				  link.at + 1);
		if (next != NULL)
			ck_assert_ptr_nonnull(strstr(next, cursor));
	}
	ck_assert_int_eq(count, 141);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		scene_refused(s, NOBODY, scene_text(s, "GET /v1/items?%s", wrong[i]), NULL, NULL,
			"bad-input", scene_text(s, "%.*s", (int)strcspn(wrong[i], "="), wrong[i]));
	/* A cursor of another list is none of this one. */
	scene_does(s, NOBODY, "GET /v1/agencies?limit=1", NULL, NULL);
	scene_refused(s, NOBODY,
		scene_text(s, "GET /v1/items?cursor=%s", scene_member(s, "/next_cursor")), NULL,
		NULL, "bad-input", "cursor");
	scene_free(&market);
}
END_TEST

SUITE(refusal, what_is_not_strict_json_is_refused, members_are_refused_by_pointer,
	drafts_that_break_a_rule_are_refused, credit_code_with_a_wrong_check_needs_a_reason,
	bids_that_are_not_taken_leave_nothing, signups_that_are_not_taken_leave_nothing,
	orders_move_by_their_parties_and_in_order, versions_are_asked_for_and_compared,
	key_of_a_call_in_flight_is_refused_until_it_is_over,
	repeated_key_gives_the_first_answer_and_only_to_the_same_request,
	credentials_end_when_they_expire_or_are_revoked, media_size_and_language_are_looked_at,
	lists_are_walked_by_their_cursors)
