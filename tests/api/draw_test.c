/* A random draw over the interface, from the registration of its agencies to the last payment,
 * and the ways it can end otherwise. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *demo;

static struct scene *
scene_demo(void)
{
	if (demo == NULL)
		demo = scene_new("demo");
	return demo;
}

static const char *
draw_of(struct scene *s, const char *project, int round)
{
	return scene_text(s, "%s.%d", project, round);
}

static void
file_is(struct scene *s, const char *draw, const char *file, const char *want)
{
	scene_does(
		s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript/%s", draw, file), NULL, NULL);
	ck_assert_msg(text_is(s->last.body, want), "%s: " TEXT_FMT "not %s", file,
		TEXT_ARG(s->last.body), want);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lines, sorted bytewise, of a record. */
static const char *
lines(struct scene *s, const char **line, size_t count)
{
	const char *text = "";

	qsort(line, count, sizeof *line, by_text);
	for (size_t i = 0; i < count; i++)
		text = scene_text(s, "%s%s", text, line[i]);
	return text;
}

static void
totals_are(struct scene *s, int64_t fen)
{
	static const char *const bases[] = {
		"/award_fen", "/contract_fen", "/declared_fen", "/evidenced_fen"};

	scene_does(s, AUDITOR, "GET /v1/ledger/totals?mode=draw&year=2024", NULL, NULL);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(scene_number(s, bases[i]), fen);
	scene_does(s, NOBODY, "GET /v1/statistics?year=2024", NULL, NULL);
}

/* --- scenarios --- */

/* Signed up before the deadline, too late after it; nobody is counted while it is open. */
static void
signups_take(struct scene *s, const char *project, int count)
{
	const char *path = scene_text(s, "/v1/projects/%s", project);

	for (int i = 0; i < count; i++)
		(void)life_signup(s, project, i);
	ck_assert_str_eq(scene_look(s, path, "/signups"), "");
	life_pass(s, project, "/deadline_at", "selecting");
	scene_refused(s, AGENCY + count, scene_text(s, "POST %s/signups", path), NULL, NULL, "late",
		"signup.deadline");
	ck_assert_int_eq(strtoull(scene_look(s, path, "/signups"), NULL, 10), count);
}

static void
draw_whole(struct scene *s, const char *deadline, const char *standstill)
{
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *path = scene_text(s, "/v1/projects/%s", project), *order;
	int winner;

	ck_assert_str_eq(scene_member(s, "/deadline_at"), deadline);
	signups_take(s, project, 3);
	scene_does(s, NOBODY, scene_text(s, "GET /v1/draws/%s", draw), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "contributing");
	ck_assert_str_eq(scene_member(s, "/awaited"), "owner");
	life_contribute(s, draw);
	life_transcript(s, draw, 3);
	ck_assert_str_eq(scene_look(s, path, "/state"), "selected");
	ck_assert_str_eq(scene_look(s, path, "/standstill_until"), standstill);
	winner = life_agency(s, project, 0);
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/order/0"),
		s->agency_id[winner]);
	life_pass(s, project, "/standstill_until", "awarded");
	order = life_pay(s, project, winner, 9000000);
	totals_are(s, 9000000);
	ck_assert_int_eq(scene_number(s, "/orders_draw"), 1);
	life_ledger(s);
	scene_does(
		s, NOBODY, scene_text(s, "GET /v1/agencies/%s", s->agency_id[winner]), NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/rating"), 460);
	ck_assert_int_eq(scene_number(s, "/volume_fen"), 9000000);
	scene_refused(s, STRANGER, scene_text(s, "GET /v1/orders/%s", order), NULL, NULL,
		"not-found", "");
	invariants_hold(s->pg);
}

START_TEST(draw_goes_from_registration_to_payment_by_profile_demo)
{
	draw_whole(scene_demo(), "2024-03-01T01:00:03.000Z", "2024-03-01T01:00:04.000Z");
}
END_TEST

/* Periods in working days: three from Friday end on Wednesday at
 * midnight, which is Thursday, and three from there on Tuesday. */
START_TEST(draw_goes_from_registration_to_payment_by_profile_cn_default)
{
	struct scene *s = scene_new("cn-default");

	draw_whole(s, "2024-03-06T16:00:00.000Z", "2024-03-12T16:00:00.000Z");
	scene_free(&s);
}
END_TEST

/* An expired certificate, an avoidance added later, a withdrawal: each with its reason, and the
 * draw is among the others. */
START_TEST(excluded_stand_in_the_transcript_with_their_reasons)
{
	struct scene *s = scene_new("demo");
	const char *project = life_open(
		s, "draw", NULL, ",\"fiscal_bp\":0,\"deadline_at\":\"2024-03-06T01:00:00Z\"");
	const char *path = scene_text(s, "/v1/projects/%s", project), *leaf[SCENE_AGENCIES];
	const char *draw = draw_of(s, project, 1), *in[2], *out[3], *signup, *version;

	for (int i = 0; i < SCENE_AGENCIES; i++) {
		leaf[i] = life_signup(s, project, i);
		if (i != 2)
			continue;
		signup = scene_text(s, "/v1/signups/%s", scene_member(s, "/id"));
		version = scene_member(s, "/version");
		scene_refused(s, AGENCY, scene_text(s, "DELETE %s", signup), version, NULL,
			"not-found", "");
		scene_does(s, AGENCY + 2, scene_text(s, "DELETE %s", signup), version, NULL);
		ck_assert_str_eq(scene_member(s, "/state"), "withdrawn");
		scene_refused(s, AGENCY + 2, scene_text(s, "POST %s/signups", path), NULL, NULL,
			"duplicate", "signup.once");
	}
	scene_does(s, OWNER, scene_text(s, "POST %s/amendments", path),
		scene_look(s, path, "/version"),
		scene_text(s,
			"{\"reason\":\"回避\",\"avoid\":[{\"agency_id\":\"%s\",\"reason\":\"利害关"
			"系\"}]}",
			s->agency_id[1]));
	ck_assert_str_eq(scene_member(s, "/amendments/0/material"), "true");
	life_pass(s, project, "/deadline_at", "selecting");
	in[0] = scene_text(s, "%s 1 - %s\n", s->agency_id[0], leaf[0]);
	in[1] = scene_text(s, "%s 1 - %s\n", s->agency_id[3], leaf[3]);
	out[0] = scene_text(s, "%s avoided %s\n", s->agency_id[1], leaf[1]);
	out[1] = scene_text(s, "%s withdrawn %s\n", s->agency_id[2], leaf[2]);
	out[2] = scene_text(s, "%s no-qualification %s\n", s->agency_id[4], leaf[4]);
	file_is(s, draw, "candidates.txt", lines(s, in, 2));
	file_is(s, draw, "excluded.txt", lines(s, out, 3));
	life_contribute(s, draw);
	life_transcript(s, draw, 2);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* Before the award the next in order moves up; after it, too, and the order ends. */
START_TEST(winner_that_gives_up_is_followed_by_the_next_in_order)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *path = scene_text(s, "/v1/projects/%s", project);
	const char *give_up = scene_text(s, "POST %s/decline", path);
	const char *body = "{\"reason\":\"人手不足\"}";
	int order[4];

	signups_take(s, project, 4);
	life_contribute(s, draw);
	for (int i = 0; i < 4; i++)
		order[i] = life_agency(s, project, i);
	scene_refused(s, AGENCY + order[1], give_up, scene_look(s, path, "/version"), body,
		"not-found", "");
	scene_does(s, AGENCY + order[0], give_up, scene_look(s, path, "/version"), body);
	ck_assert_str_eq(scene_member(s, "/standing/0/state"), "declined");
	ck_assert_str_eq(scene_member(s, "/standing/1/state"), "winner");
	life_pass(s, project, "/standstill_until", "awarded");
	scene_does(s, AGENCY + order[1], give_up, scene_look(s, path, "/version"), body);
	ck_assert_str_eq(scene_member(s, "/state"), "selected");
	ck_assert_str_eq(scene_member(s, "/standing/2/state"), "winner");
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/agencies/%s", s->agency_id[order[1]]),
				 "/credit_points"),
		"80");
	life_pass(s, project, "/standstill_until", "awarded");
	(void)life_pay(s, project, order[2], 9000000);
	scene_does(s, OWNER, scene_text(s, "GET /v1/orders?project=%s&state=ended", project), NULL,
		NULL);
	ck_assert_str_eq(scene_member(s, "/items/0/agency_id"), s->agency_id[order[1]]);
	life_ledger(s);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(too_few_fail_the_round_and_a_new_one_is_linked)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, "");
	const char *path = scene_text(s, "/v1/projects/%s", project);

	(void)life_signup(s, project, 0);
	(void)life_signup(s, project, 1);
	life_pass(s, project, "/deadline_at", "failed");
	ck_assert_str_eq(scene_look(s, path, "/end_reason"), "too-few");
	scene_refused(s, OWNER,
		scene_text(s, "PUT /v1/draws/%s/contributions/2", draw_of(s, project, 1)), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw_of(s, project, 1))),
		"wrong-state", "");
	scene_does(s, OWNER, scene_text(s, "POST %s/rounds", path), NULL, NULL);
	ck_assert_int_eq(scene_number(s, "/round"), 2);
	ck_assert_str_eq(scene_member(s, "/state"), "draft");
	scene_refused(
		s, OWNER, scene_text(s, "POST %s/submission", path), NULL, NULL, "rule", "TR1");
	life_submit(s, project);
	life_publish(s, project);
	signups_take(s, project, 3);
	life_contribute(s, draw_of(s, project, 2));
	life_transcript(s, draw_of(s, project, 2), 3);
	life_pass(s, project, "/standstill_until", "awarded");
	scene_does(s, NOBODY, scene_text(s, "GET %s", path), NULL, NULL);
	ck_assert_str_eq(scene_member(s, "/rounds/0/outcome"), "failed");
	ck_assert_str_eq(scene_member(s, "/rounds/0/end_reason"), "too-few");
	ck_assert_str_eq(scene_member(s, "/rounds/1/outcome"), "awarded");
	invariants_hold(s->pg);
}
END_TEST

/* The owner's silence ends the round; a value that does not open the commitment is refused. */
START_TEST(owner_that_does_not_open_stalls_the_round)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *put = scene_text(s, "PUT /v1/draws/%s/contributions/2", draw);

	signups_take(s, project, 3);
	scene_refused(s, OWNER, put, NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, "another")), "rule", "/value");
	ck_assert_str_eq(scene_member(s, "/detail"), "未通过：业主公开的随机数与其承诺一致");
	scene_refused(s, STRANGER, put, NULL, scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)),
		"forbidden", "");
	pg_clock_set(s->pg, scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/stall_at"));
	life_until(s, project, "failed");
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/projects/%s", project), "/end_reason"),
		"owner-stalled");
	scene_refused(s, OWNER, put, NULL, scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)),
		"wrong-state", "");
	invariants_hold(s->pg);
}
END_TEST

START_TEST(objection_holds_the_award_until_it_is_decided)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *path = scene_text(s, "/v1/projects/%s", project), *objection, *version;
	int first, second;

	signups_take(s, project, 3);
	life_contribute(s, draw);
	first = life_agency(s, project, 0);
	second = life_agency(s, project, 1);
	scene_does(s, AGENCY + second, scene_text(s, "POST %s/objections", path), NULL,
		"{\"body\":\"中选机构与业主有关联\"}");
	objection = scene_text(s, "/v1/objections/%s", scene_member(s, "/id"));
	version = scene_member(s, "/version");
	pg_clock_set(s->pg, scene_look(s, path, "/standstill_until"));
	scene_until(s, "0",
		"SELECT count(*) FROM market.job WHERE kind = 'project_award' AND subject = '%s'",
		project);
	ck_assert_str_eq(scene_look(s, path, "/state"), "selected");
	scene_does(s, REGULATOR, scene_text(s, "POST %s/decision", objection), version,
		"{\"decision\":\"upheld\",\"reason\":\"属实\"}");
	ck_assert_str_eq(scene_look(s, path, "/standing/0/state"), "disqualified");
	life_pass(s, project, "/standstill_until", "awarded");
	ck_assert_int_eq(life_agency(s, project, 0), first);
	ck_assert_str_ne(scene_look(s, path, "/standing/1/order_id"), "");
	invariants_hold(s->pg);
}
END_TEST

START_TEST(a_winner_is_disqualified_by_operator_and_regulator_and_the_next_moves_up)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *path = scene_text(s, "/v1/projects/%s", project), *confirm, *version;
	int second;

	signups_take(s, project, 3);
	life_contribute(s, draw);
	second = life_agency(s, project, 1);
	scene_does(s, OPERATOR, scene_text(s, "POST %s/disqualifications", path), NULL,
		"{\"place\":1,\"reason\":\"collusion\"}");
	version = scene_member(s, "/version");
	confirm =
		scene_text(s, "POST /v1/disqualifications/%s/confirmation", scene_member(s, "/id"));
	ck_assert_str_eq(scene_look(s, path, "/standing/0/state"), "winner");
	scene_refused(s, OPERATOR, confirm, version, NULL, "forbidden", "");
	scene_does(s, REGULATOR, confirm, version, NULL);
	ck_assert_str_eq(scene_look(s, path, "/standing/0/state"), "disqualified");
	ck_assert_str_eq(scene_look(s, path, "/standing/1/state"), "winner");
	life_pass(s, project, "/standstill_until", "awarded");
	ck_assert_int_eq(life_agency(s, project, 1), second);
	/* Chance is counted over what was drawn, not over who was left in the end. */
	scene_does(s, NOBODY, "GET /v1/fairness?by=agency", NULL, NULL);
	invariants_hold(s->pg);
}
END_TEST

START_TEST(void_takes_two_people_and_stays_in_the_transcript)
{
	struct scene *s = scene_demo();
	const char *project = life_open(s, "draw", NULL, ""), *draw = draw_of(s, project, 1);
	const char *path = scene_text(s, "/v1/projects/%s", project), *confirm, *version;

	signups_take(s, project, 3);
	scene_does(s, OPERATOR, scene_text(s, "POST %s/voids", path), NULL,
		"{\"reason\":\"notice-error\"}");
	confirm = scene_text(s, "POST /v1/voids/%s/confirmation", scene_member(s, "/id"));
	version = scene_member(s, "/version");
	scene_refused(s, OPERATOR, confirm, version, NULL, "rule", "TR12");
	scene_does(s, REGULATOR, confirm, version, NULL);
	ck_assert_str_eq(scene_look(s, path, "/state"), "voided");
	scene_does(
		s, NOBODY, scene_text(s, "GET /v1/draws/%s/transcript/void.txt", draw), NULL, NULL);
	ck_assert_ptr_nonnull(strstr(s->last.body.at,
		scene_text(s, "by %s %s\n", s->user_id[OPERATOR], s->user_id[REGULATOR])));
	scene_refused(s, OWNER, scene_text(s, "PUT /v1/draws/%s/contributions/2", draw), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)), "wrong-state", "");
	invariants_hold(s->pg);
	scene_free(&demo);
}
END_TEST

SUITE(draw, draw_goes_from_registration_to_payment_by_profile_demo,
	draw_goes_from_registration_to_payment_by_profile_cn_default,
	excluded_stand_in_the_transcript_with_their_reasons,
	winner_that_gives_up_is_followed_by_the_next_in_order,
	too_few_fail_the_round_and_a_new_one_is_linked, owner_that_does_not_open_stalls_the_round,
	objection_holds_the_award_until_it_is_decided,
	a_winner_is_disqualified_by_operator_and_regulator_and_the_next_moves_up,
	void_takes_two_people_and_stays_in_the_transcript)
