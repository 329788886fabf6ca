/* A draw whose price is drawn too, over the interface from the draft to the last payment; both
 * verifiers judge the transcripts that the daemon serves. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/draw/verify.h"
#include "tests/api/life.h"
#include "tests/api/second.h"
#include "tests/support/child.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

enum {
	AGENCIES = 3,
	CEILING = 10000001,
	BUDGET = 20000000
};

static const char price[] = "\"price_basis\":\"ceiling\",\"ceiling_fen\":10000001,\"coefficient\":{"
			    "\"lo\":850,\"hi\":950}";

/* `fairlot draw` commit or open, as the owner: it makes, keeps and opens r. */
static void
client(struct scene *s, const char *verb, const char *of)
{
	const char *at = strrchr(s->daemon->tls, ':');

	(void)setenv("XDG_DATA_HOME", scene_text(s, "%s/owner", s->daemon->folder), 1);
	ck_assert_int_eq(child_run((const char *[]){getenv("FAIRLOT"), "--url",
					   scene_text(s, "https://127.0.0.1%s", at), "--ca",
					   scene_text(s, "%s/tls/cert.pem", s->daemon->folder),
					   "--key", s->key[OWNER], "draw", verb, of, NULL},
				 NULL),
		0);
}

/* The order is drawn, the price is not. */
static const char *
ordered(struct scene *s)
{
	const char *project = life_open(s, "draw", price, "");

	ck_assert_int_eq(scene_number(s, "/coefficient/lo"), 850);
	for (int i = 0; i < AGENCIES; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, scene_text(s, "%s.1", project));
	return project;
}

START_TEST(a_drawn_coefficient_goes_from_the_draft_to_the_payment)
{
	struct scene *s = scene_new("demo");
	const char *project, *path, *draw, *coef, *commit, *order;
	int64_t value, fen;
	int winner;

	scene_refused(s, OWNER, "POST /v1/projects", NULL,
		life_body(s, "draw",
			"\"price_basis\":\"ceiling\",\"ceiling_fen\":10000001,"
			"\"coefficient\":{\"lo\":850,\"hi\":1001}",
			""),
		"bad-input", "/coefficient/hi");
	scene_refused(s, OWNER, "POST /v1/projects", NULL, life_body(s, "auction", price, ""),
		"rule", "TR1");
	project = ordered(s);
	path = scene_text(s, "/v1/projects/%s", project);
	draw = scene_text(s, "%s.1", project);
	coef = scene_text(s, "%s.coef", draw);
	ck_assert_str_eq(scene_look(s, path, "/state"), "selecting");
	ck_assert_str_eq(scene_look(s, path, "/coefficient/draw_id"), coef);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s", coef), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "requested");
	scene_refused(s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript", coef), NULL, NULL,
		"not-found", "draw.frozen");
	commit = scene_text(s, "PUT %s/commitment", path);
	scene_refused(s, OWNER, commit, scene_look(s, path, "/version"),
		life_commitment(s, draw, life_r(s, draw)), "duplicate", "draw.commitment");
	client(s, "commit", project);
	scene_until(s, "contributing", "SELECT state FROM market.draw WHERE id = '%s'", coef);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s", coef), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/method"), "integer");
	ck_assert_int_eq(scene_number(s, "/range/hi"), 950);
	scene_refused(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", coef), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, project)), "rule", "/value");
	client(s, "open", coef);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s", coef), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	value = scene_number(s, "/value");
	ck_assert(850 <= value && value <= 950);
	second_verifies(s, coef, VERDICT_INCOMPLETE, 1);
	second_verifies(s, draw, VERDICT_INCOMPLETE, 1);
	ck_assert_str_eq(scene_look(s, path, "/state"), "selected");
	fen = (CEILING * value + 500) / 1000;
	scene_does(s, NOBODY, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/coefficient/value"), value);
	for (int i = 0; i < AGENCIES; i++)
		ck_assert_int_eq(scene_number(s, scene_text(s, "/standing/%d/amount_fen", i)), fen);
	winner = life_agency(s, project, 0);
	life_pass(s, project, "/standstill_until", "awarded");
	order = life_pay(s, project, winner, fen);
	ck_assert_int_eq(pg_number(s->pg,
				 "SELECT sum(debits_posted) FROM market.account WHERE order_id = "
				 "'%s' AND kind = 'saving'",
				 order),
		BUDGET - fen);
	scene_does(s, AUDITOR, "GET /v1/ledger/totals?mode=draw&year=2024", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/award_fen"), fen);
	scene_does(s, NOBODY, "GET /v1/statistics?year=2024", NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/award_fen"), fen);
	life_ledger(s);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

START_TEST(an_owner_that_gives_no_commitment_for_a_coefficient_ends_the_round)
{
	struct scene *s = scene_new("demo");
	const char *project = ordered(s), *coef = scene_text(s, "%s.1.coef", project);

	pg_clock_set(s->pg, scene_look(s, scene_text(s, "/v1/draws/%s", coef), "/stall_at"));
	life_until(s, project, "failed");
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/projects/%s", project), "/end_reason"),
		"owner-stalled");
	second_verifies(s, scene_text(s, "%s.1", project), VERDICT_INCOMPLETE, 0);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

SUITE(coefficient, a_drawn_coefficient_goes_from_the_draft_to_the_payment,
	an_owner_that_gives_no_commitment_for_a_coefficient_ends_the_round)
