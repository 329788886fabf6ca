#include "tests/api/life.h"

#include <check.h>
#include <inttypes.h>
#include <string.h>

#include "cli/folder.h"
#include "lib/base/hash.h"
#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/draw/verify.h"
#include "lib/ledger/receipt.h"

const char *
life_body(struct scene *s, const char *mode, const char *price, const char *more)
{
	if (price == NULL && strcmp(mode, "draw") == 0)
		price = "\"price_basis\":\"fixed\",\"price_fen\":9000000";
	else if (price == NULL)
		price = "\"price_basis\":\"ceiling\",\"ceiling_fen\":10000000";
	return scene_text(s,
		"{\"item\":\"I001\",\"title\":\"勘测定界项目\",\"content\":\"勘测 \\\"一\\\" "
		"号地块\\n共 3 公顷\",\"mode\":\"%s\",\"profile\":\"%s\",%s,%s"
		"\"budget_fen\":20000000%s}",
		mode, s->profile, price,
		strstr(more, "\"fiscal_bp\"") == NULL ? "\"fiscal_bp\":7000," : "", more);
}

const char *
life_r(struct scene *s, const char *draw)
{
	char hex[2 * HASH_LEN + 1];
	const char *text = scene_text(s, "r of %s", draw);
	struct hash h = hash_of(text, strlen(text));

	hex_encode(h.at, HASH_LEN, hex);
	return scene_text(s, "%s", hex);
}

const char *
life_commitment(struct scene *s, const char *draw, const char *r)
{
	uint8_t bytes[CONTRIBUTION_R_LEN];
	char hex[2 * HASH_LEN + 1];
	struct hash c;

	ck_assert(hex_decode(text_of(r), bytes, sizeof bytes));
	c = commitment_of(text_of(draw), text_of("owner"), bytes);
	hex_encode(c.at, HASH_LEN, hex);
	return scene_text(s, "{\"commitment\":\"%s\"}", hex);
}

void
life_commit(struct scene *s, const char *project, const char *draw, const char *r)
{
	const char *path = scene_text(s, "/v1/projects/%s", project);

	scene_does(s, OWNER, scene_text(s, "PUT %s/commitment", path),
		scene_look(s, path, "/version"), life_commitment(s, draw, r));
}

void
life_submit(struct scene *s, const char *project)
{
	const char *path = scene_text(s, "/v1/projects/%s", project);
	const char *draw = scene_look(s, path, "/draw_id");

	life_commit(s, project, draw, life_r(s, draw));
	scene_does(s, OWNER, scene_text(s, "POST %s/submission", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "review");
}

void
life_publish(struct scene *s, const char *project)
{
	const char *path = scene_text(s, "/v1/projects/%s", project);

	scene_does(s, REVIEWER, scene_text(s, "POST %s/review", path),
		scene_look(s, path, "/version"), "{\"publish\":true}");
	ck_assert_str_eq(scene_member(s, "/state"), "open");
	ck_assert_str_ne(scene_member(s, "/policy_hash"), "");
}

const char *
life_review(struct scene *s, const char *mode, const char *price, const char *more)
{
	const char *project;

	scene_does(s, OWNER, "POST /v1/projects", NULL, life_body(s, mode, price, more));
	ck_assert_str_eq(scene_member(s, "/state"), "draft");
	project = scene_member(s, "/id");
	life_submit(s, project);
	return project;
}

const char *
life_open(struct scene *s, const char *mode, const char *price, const char *more)
{
	const char *project = life_review(s, mode, price, more);

	life_publish(s, project);
	return project;
}

void
life_receipt(struct scene *s, const char *kind, const char *subject)
{
	struct arena *a = &s->client->arena;
	struct text name = receipt_key_name(a, text_of("localhost/market"));
	struct receipt r;
	char leaf[2 * HASH_LEN + 1];

	ck_assert_msg(
		receipt_verify(text_of(scene_member(s, "/receipt")), name, s->receipt_key, &r),
		"%s", scene_member(s, "/receipt"));
	hex_encode(r.leaf.at, HASH_LEN, leaf);
	ck_assert_str_eq(leaf, scene_member(s, "/leaf"));
	ck_assert(text_is(r.kind, kind));
	ck_assert(text_is(r.subject, subject));
	ck_assert_uint_gt(r.at.len, 0);
}

const char *
life_signup(struct scene *s, const char *project, int agency)
{
	scene_does(s, AGENCY + agency, scene_text(s, "POST /v1/projects/%s/signups", project), NULL,
		NULL);
	ck_assert_str_eq(scene_member(s, "/agency_id"), s->agency_id[agency]);
	life_receipt(s, "signup", scene_member(s, "/draw_id"));
	return scene_member(s, "/leaf");
}

void
life_until(struct scene *s, const char *project, const char *state)
{
	scene_until(s, state, "SELECT state FROM market.project WHERE id = '%s'", project);
}

void
life_pass(struct scene *s, const char *project, const char *member, const char *state)
{
	pg_clock_set(s->pg, scene_look(s, scene_text(s, "/v1/projects/%s", project), member));
	life_until(s, project, state);
}

void
life_contribute(struct scene *s, const char *draw)
{
	scene_does(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", draw), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
}

int
life_agency(struct scene *s, const char *project, int place)
{
	const char *id = scene_look(s, scene_text(s, "/v1/projects/%s", project),
		scene_text(s, "/standing/%d/agency_id", place));

	for (int i = 0; i < SCENE_AGENCIES; i++)
		if (strcmp(s->agency_id[i], id) == 0)
			return i;
	ck_abort_msg("'%s' is no agency of the scene", id);
	return -1;
}

/* --- the transcript --- */

/* What needs the journal is no part of a transcript, and lib has no pairings; a void attempt has no
 * result and may owe values. */
static void
row_holds(const struct verify_attempt *v, enum check c)
{
	enum verify_state state = v->rows[c].state;
	bool left = check_row(c)->group == GROUP_JOURNAL || c == CHECK_BEACON;

	ck_assert_msg(state == VERIFY_HOLDS || state == VERIFY_NONE ||
			(left && state == VERIFY_LEFT) || (v->voided && state != VERIFY_FAILS),
		"attempt %u, %s: %d", v->number, check_row(c)->code, state);
}

/* What came out is what is served. */
static void
result_holds(struct scene *s, const char *draw, const struct verify_attempt *v)
{
	size_t places = v->draw.freeze.method == DRAW_INTEGER ? 0 : v->draw.candidates.count;

	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s", draw), NULL, NULL);
	if (v->draw.freeze.method == DRAW_INTEGER)
		ck_assert_int_eq(scene_number(s, "/value"), (int64_t)v->result.value);
	for (size_t i = 0; i < places; i++)
		ck_assert(text_is(v->draw.candidates.at[v->result.order[i]].id,
			scene_member(s, scene_text(s, "/order/%zu", i))));
	ck_assert_str_eq(scene_member(s, scene_text(s, "/order/%zu", places)), "");
}

void
life_transcript_of(struct scene *s, const char *draw, int candidates, int level)
{
	static const struct verify_options whole;
	struct arena *a = &s->client->arena;
	struct folder folder;
	const char *why;
	struct verify_report report;
	struct verify_attempt *last;

	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript", draw), NULL, NULL);
	ck_assert(text_is(answer_field(&s->last, "Content-Type"), "application/x-tar"));
	ck_assert_msg(folder_of_tar(a, s->last.body, &folder, &why), "%s", why);
	draw_verify(a, folder.files, folder.count, &whole, &report);
	ck_assert_uint_ge(report.count, 1);
	last = &report.attempts[report.count - 1];
	for (size_t i = 0; i < report.count; i++)
		for (enum check c = 1; c < CHECK_COUNT; c++)
			row_holds(&report.attempts[i], c);
	ck_assert_int_ne(report.verdict, VERDICT_FAILED);
	ck_assert_int_eq(report.level + report.beacon_left, level);
	ck_assert_uint_eq(last->draw.candidates.count, (size_t)candidates);
	result_holds(s, draw, last);
}

void
life_transcript(struct scene *s, const char *draw, int candidates)
{
	life_transcript_of(s, draw, candidates, 1);
}

/* --- an order --- */

static const char *
order_of(struct scene *s, const char *project, int agency)
{
	scene_does(s, AGENCY + agency, scene_text(s, "GET /v1/orders?project=%s", project), NULL,
		NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/agency_id"), s->agency_id[agency]);
	ck_assert_str_eq(scene_member(s, "/items/1/id"), "");
	return scene_member(s, "/items/0/id");
}

static void
contract_sign(struct scene *s, const char *path, int agency, int64_t fen)
{
	scene_does(s, OWNER, scene_text(s, "POST %s/contract", path),
		scene_look(s, path, "/version"),
		scene_text(s,
			"{\"amount_fen\":%" PRId64 ",\"number\":\"HT-1\",\"text\":\"合同\\n正文\"}",
			fen));
	ck_assert_str_eq(scene_member(s, "/state"), "contract");
	scene_does(s, AGENCY + agency, scene_text(s, "POST %s/contract/confirmation", path),
		scene_member(s, "/version"), NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "in_service");
	ck_assert_int_eq(scene_number(s, "/contract_fen"), fen);
}

static void
work_accept(struct scene *s, const char *path, int agency)
{
	scene_does(s, AGENCY + agency, scene_text(s, "POST %s/delivery", path), NULL,
		"{\"note\":\"成果报告 3 份\"}");
	ck_assert_str_eq(scene_member(s, "/state"), "delivered");
	scene_does(s, OWNER, scene_text(s, "POST %s/acceptance", path), scene_member(s, "/version"),
		NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "accepted");
}

/* Two payments declared, one after the other evidenced; with the last it is paid. */
static void
fee_pay(struct scene *s, const char *path, int agency, int64_t fen)
{
	const int64_t part[2] = {fen / 3, fen - fen / 3};

	for (int i = 0; i < 2; i++) {
		scene_does(s, OWNER, scene_text(s, "POST %s/payments", path), NULL,
			scene_text(s, "{\"amount_fen\":%" PRId64 ",\"reference\":\"FP-%d\"}",
				part[i], i));
		ck_assert_str_eq(scene_member(s, "/state"), "accepted");
		scene_does(s, AGENCY + agency, scene_text(s, "POST %s/payments/evidence", path),
			NULL,
			scene_text(s, "{\"amount_fen\":%" PRId64 ",\"reference\":\"SJ-%d\"}",
				part[i], i));
		ck_assert_str_eq(scene_member(s, "/state"), i == 0 ? "accepted" : "paid");
	}
	ck_assert_int_eq(scene_number(s, "/evidenced_fen"), fen);
}

static void
service_rate(struct scene *s, const char *path)
{
	static const int raters[] = {OWNER, REGULATOR, REVIEWER};
	static const char *const names[] = {"owner", "regulator", "operator"};

	for (int i = 0; i < 3; i++) {
		scene_does(s, raters[i], scene_text(s, "POST %s/ratings", path), NULL,
			"{\"quality\":5,\"time\":4,\"conduct\":5,\"price\":4,\"service\":5,"
			"\"remark\":\"按时\"}");
		ck_assert_str_eq(scene_member(s, "/rater"), names[i]);
	}
}

static void
statement_holds(struct scene *s, const char *path, int agency, int64_t fen)
{
	const char *accounts[] = {"contract_committed", "fee_paid_evidenced"};

	scene_does(s, AGENCY + agency, scene_text(s, "GET %s/statement", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/payments/3/event"), "evidenced");
	ck_assert_str_eq(scene_member(s, "/payments/4/event"), "");
	for (int a = 0; a < 2; a++) {
		int64_t sum = 0;

		for (int i = 0;; i++) {
			const char *kind = scene_member(s, scene_text(s, "/accounts/%d/kind", i));

			if (kind[0] == '\0')
				break;
			if (strcmp(kind, accounts[a]) == 0)
				sum += scene_number(s, scene_text(s, "/accounts/%d/debits_fen", i));
		}
		ck_assert_int_eq(sum, fen);
	}
}

const char *
life_pay(struct scene *s, const char *project, int agency, int64_t contract_fen)
{
	const char *order = order_of(s, project, agency);
	const char *path = scene_text(s, "/v1/orders/%s", order);

	contract_sign(s, path, agency, contract_fen);
	work_accept(s, path, agency);
	fee_pay(s, path, agency, contract_fen);
	service_rate(s, path);
	statement_holds(s, path, agency, contract_fen);
	ck_assert_str_eq(
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/state"), "paid");
	return order;
}

/* --- the ledger --- */

/* The export has as many lines as the totals count, and their sum is that of all debits. */
void
life_ledger(struct scene *s)
{
	struct text rest, line, field = {0};
	int64_t count = 0, sum = 0;
	uint64_t fen;

	scene_does(s, AUDITOR, "GET /v1/ledger.csv", NULL, NULL);
	ck_assert(text_starts(answer_field(&s->last, "Content-Type"), "text/csv"));
	rest = s->last.body;
	ck_assert(text_cut(&rest, '\n', &line));
	ck_assert(text_is(line,
		"transfer_id,at,event,group,order_id,fund,debit,credit,amount_fen,reverses\r"));
	for (; text_cut(&rest, '\n', &line); count++) {
		for (int i = 0; i < 9; i++)
			ck_assert(text_cut(&line, ',', &field));
		ck_assert(text_u64(field, INT64_MAX, &fen));
		sum += (int64_t)fen;
	}
	scene_does(s, REGULATOR, "GET /v1/ledger/totals", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/transfers"), count);
	ck_assert_int_eq(scene_number(s, "/debits_fen"), sum);
	ck_assert_int_eq(scene_number(s, "/credits_fen"), sum);
}
