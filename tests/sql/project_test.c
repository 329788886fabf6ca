/* Projects from the draft to the open notice: TR1, TR2, TR3, who sees what, rounds, voids,
 * objections.  Every guard has its refusal here beside the call that passes. */
#include <check.h>
#include <string.h>

#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

struct bad {
	const char *mode, *more, *code, *rule, *pointer;
};

static const struct bad bad_drafts[] = {
	{"draw", ",\"item\":\"I999\"", "rule", "catalogue.item", "/item"},
	{"draw", ",\"profile\":\"none\"", "rule", "policy.profile", "/profile"},
	{"draw", ",\"fiscal_bp\":10001", "bad-input", "TR1", "/fiscal_bp"},
	{"draw", ",\"fiscal_bp\":-1", "bad-input", "TR1", "/fiscal_bp"},
	{"draw", ",\"budget_fen\":0", "bad-input", "TR1", "/budget_fen"},
	{"draw", ",\"budget_fen\":100000000001", "bad-input", "TR1", "/budget_fen"},
	{"draw", ",\"price_fen\":0", "bad-input", "TR1", "/price_fen"},
	{"draw", ",\"price_fen\":200001", "rule", "TR1", "/budget_fen"},
	{"draw", ",\"price_fen\":150000,\"winners\":2", "rule", "TR1", "/budget_fen"},
	{"draw", ",\"winners\":11", "rule", "TR1", "/winners"},
	{"draw", ",\"winners\":0", "rule", "TR1", "/winners"},
	{"auction", ",\"winners\":2", "rule", "TR1", "/winners"},
	{"draw", ",\"price_basis\":\"none\"", "rule", "TR1", "/price_basis"},
	{"auction", ",\"price_basis\":\"none\"", "rule", "TR1", "/price_basis"},
	{"pick", ",\"price_basis\":\"fixed\",\"price_fen\":5", "rule", "TR1", "/price_basis"},
	{"draw", ",\"price_basis\":\"ceiling\"", "rule", "TR1", "/price_fen"},
	{"draw", ",\"ceiling_fen\":5", "rule", "TR1", "/ceiling_fen"},
	{"auction", ",\"floor_fen\":100001", "rule", "TR1", "/floor_fen"},
	{"pick", ",\"floor_fen\":1", "rule", "TR1", "/floor_fen"},
	{"auction", ",\"step_fen\":99", "rule", "TR1", "/step_fen"},
	{"auction", ",\"step_fen\":100001", "rule", "TR1", "/step_fen"},
	{"pick", ",\"step_fen\":1000", "rule", "TR1", "/step_fen"},
	{"draw", ",\"avoid\":[{\"agency_id\":\"agc_none\",\"reason\":\"x\"}]", "rule", "TR1",
		"/avoid"},
};

START_TEST(bad_drafts_are_refused_with_the_member_at_fault)
{
	struct choice *w = choice_new();

	for (size_t i = 0; i < sizeof bad_drafts / sizeof bad_drafts[0]; i++) {
		const struct bad *b = &bad_drafts[i];
		struct pg_answer a = choice_call(w, SQL_project_create, w->owner, NULL, -1,
			choice_body(w, b->mode, b->more));

		choice_refuses(&a, b->code, b->rule);
		ck_assert_str_eq(a.pointer, b->pointer);
	}
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.project"), 0);
	choice_free(&w);
}
END_TEST

START_TEST(good_drafts_are_taken)
{
	struct choice *w = choice_new();

	choice_draft(w, "draw", "");
	choice_draft(w, "draw", ",\"winners\":2");
	choice_draft(w, "auction", ",\"floor_fen\":100000,\"step_fen\":100");
	choice_draft(w, "pick", ",\"price_basis\":\"none\",\"ceiling_fen\":null");
	choice_draft(w, "auction", ",\"fiscal_bp\":0");
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.project"), 5);
	choice_free(&w);
}
END_TEST

START_TEST(a_draft_is_seen_by_its_owner_and_supervision_only)
{
	struct choice *w = choice_new();
	const char *project = choice_draft(w, "draw", "");
	const char *other = pg_person(w->pg, "owner", ROLE_OWNER);
	const char *auditor = pg_person(w->pg, "auditor", ROLE_AUDITOR);
	const char *hidden[] = {NULL, other, w->agency[0]};
	const char *seeing[] = {w->owner, w->reviewer, w->regulator, auditor};
	struct pg_answer a;

	for (size_t i = 0; i < 3; i++) {
		a = pg_call(w->pg, w->pg->reader, SQL_project_get, "caller", hidden[i], "id",
			project, NULL);
		choice_refuses(&a, "not-found", "");
	}
	for (size_t i = 0; i < 4; i++) {
		a = pg_call(w->pg, w->pg->reader, SQL_project_get, "caller", seeing[i], "id",
			project, NULL);
		ck_assert_str_eq(a.code, "");
		ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "draft");
	}
	choice_refused(
		w, "not-found", "", SQL_project_edit, other, project, 1, "{\"title\":\"x\"}");
	choice_refused(w, "not-found", "", SQL_signup_create, w->agency[0], project, -1, NULL);
	a = pg_call(w->pg, w->pg->reader, SQL_project_list, NULL, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/id"), "");
	a = pg_call(w->pg, w->pg->reader, SQL_project_mine, "caller", w->owner, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/id"), project);
	choice_free(&w);
}
END_TEST

START_TEST(another_owner_cannot_act_on_an_open_project)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	const char *other = pg_person(w->pg, "owner", ROLE_OWNER);
	struct pg_answer a = choice_call(w, SQL_project_amend, other, project,
		choice_version(w, project), "{\"reason\":\"x\",\"title\":\"y\"}");

	choice_refuses(&a, "not-found", "");
	choice_free(&w);
}
END_TEST

START_TEST(only_a_draft_is_edited_and_under_the_version_that_was_read)
{
	struct choice *w = choice_new();
	const char *project = choice_draft(w, "auction", ",\"floor_fen\":50000");
	struct pg_answer a =
		choice_call(w, SQL_project_edit, w->owner, project, 7, "{\"title\":\"新标题\"}");

	choice_refuses(&a, "stale", "");
	choice_refused(
		w, "rule", "TR1", SQL_project_edit, w->owner, project, 1, "{\"floor_fen\":100001}");
	a = choice_done(w, 200, SQL_project_edit, w->owner, project, 1, "{\"title\":\"新标题\"}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/title"), "新标题");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/floor_fen"), "50000");
	ck_assert_int_eq(a.version, 2);
	a = choice_done(w, 200, SQL_project_edit, w->owner, project, 2,
		"{\"price_basis\":\"ceiling\",\"ceiling_fen\":90000}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/floor_fen"), "");
	project = choice_open(w, "draw", "");
	choice_refused(w, "wrong-state", "TR1", SQL_project_edit, w->owner, project,
		choice_version(w, project), "{\"title\":\"x\"}");
	choice_free(&w);
}
END_TEST

START_TEST(a_submission_needs_a_commitment_and_an_active_item)
{
	struct choice *w = choice_new();
	const char *project = choice_draft(w, "draw", "");
	struct pg_answer a = choice_call(w, SQL_project_submit, w->owner, project, -1, NULL);

	choice_refuses(&a, "rule", "TR1");
	choice_refused(w, "bad-input", "draw.commitment", SQL_project_commit, w->owner, project, 1,
		"{\"commitment\":\"00\"}");
	choice_done(
		w, 200, SQL_project_commit, w->owner, project, 1, choice_commitment(w, project));
	pg_run(w->pg, "UPDATE market.item SET active = false");
	a = choice_refused(w, "rule", "TR1", SQL_project_submit, w->owner, project, -1, NULL);
	ck_assert_str_eq(a.pointer, "/item");
	pg_run(w->pg, "UPDATE market.item SET active = true");
	choice_done(w, 200, SQL_project_submit, w->owner, project, -1, NULL);
	choice_refused(w, "wrong-state", "TR1", SQL_project_submit, w->owner, project, -1, NULL);
	choice_free(&w);
}
END_TEST

START_TEST(another_mode_needs_another_commitment)
{
	struct choice *w = choice_new();
	const char *project = choice_draft(w, "auction", "");
	struct pg_answer a = choice_call(
		w, SQL_project_commit, w->owner, project, 1, choice_commitment(w, project));

	ck_assert_ptr_nonnull(strstr(pg_member(w->pg, a.body, "/draw_id"), ".1.tie"));
	a = choice_done(w, 200, SQL_project_edit, w->owner, project, 2, "{\"mode\":\"draw\"}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/commitment"), "");
	choice_free(&w);
}
END_TEST

START_TEST(the_reviewer_is_not_the_author)
{
	struct choice *w = choice_new();
	/* One person may be both by role; TR2 looks at the person. */
	const char *both = pg_person(w->pg, "owner", ROLE_OWNER | ROLE_OPERATOR), *project;

	w->owner = both;
	project = choice_review(w, "draw", "");
	choice_refused(w, "rule", "TR2", SQL_project_review, both, project,
		choice_version(w, project), "{\"publish\":true}");
	choice_refused(
		w, "stale", "", SQL_project_review, w->reviewer, project, 1, "{\"publish\":true}");
	choice_refused(w, "bad-input", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":false}");
	choice_done(w, 200, SQL_project_review, w->reviewer, project, choice_version(w, project),
		"{\"publish\":false,\"reason\":\"内容不清\"}");
	ck_assert_str_eq(choice_state(w, project), "draft");
	choice_refused(w, "wrong-state", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");
	choice_free(&w);
}
END_TEST

START_TEST(neither_author_nor_submitter_reviews)
{
	struct choice *w = choice_new();
	const char *project = choice_review(w, "draw", "");
	const char *set[] = {"author_id", "submitter_id"};

	for (int i = 0; i < 2; i++) {
		const char *was = pg_value(w->pg, "SELECT %s FROM market.project", set[i]);

		pg_run(w->pg, "UPDATE market.project SET %s = '%s'", set[i],
			pg_user_of(w->pg, w->reviewer));
		choice_refused(w, "rule", "TR2", SQL_project_review, w->reviewer, project,
			choice_version(w, project), "{\"publish\":true}");
		pg_run(w->pg, "UPDATE market.project SET %s = '%s'", set[i], was);
	}
	choice_done(w, 200, SQL_project_review, w->reviewer, project, choice_version(w, project),
		"{\"publish\":true}");
	choice_free(&w);
}
END_TEST

START_TEST(publication_freezes_the_profile_and_commits_the_budget)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"winners\":2");

	ck_assert_int_eq(
		pg_number(w->pg,
			"SELECT count(*) FROM market.project p JOIN market.policy y ON "
			"y.hash = p.policy_hash JOIN market.round r ON r.project_id = p.id "
			"JOIN market.draw d ON d.id = p.id || '.1' AND d.close_at = "
			"p.deadline_at JOIN market.job j ON j.subject = d.id AND j.due_at = "
			"p.deadline_at WHERE p.id = '%s' AND p.deadline_at = p.opened_at + "
			"interval '3 seconds'",
			project),
		1);
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT debits_posted FROM market.account WHERE order_id = '%s' "
				 "AND kind = 'budget_committed'",
				 project),
		200000);
	/* The journal's notice is the stored one, to the byte. */
	ck_assert_int_eq(
		pg_number(w->pg,
			"SELECT count(*) FROM market.outbox o, market.round r WHERE o.kind "
			"= 'notice' AND o.subject = '%s' AND r.project_id = o.subject AND "
			"substring(o.entry FROM position('\\x0a'::bytea IN o.entry) + 1) = "
			"convert_to(r.notice, 'UTF8')",
			project),
		1);
	choice_free(&w);
}
END_TEST

START_TEST(the_notice_period_is_at_least_the_profiles)
{
	struct choice *w = choice_new();
	const char *project = choice_review(w, "draw", ",\"deadline_at\":\"2024-03-01T01:00:02Z\"");
	struct pg_answer a = choice_call(w, SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");

	choice_refuses(&a, "rule", "TR2");
	ck_assert_str_eq(a.pointer, "/deadline_at");
	project = choice_open(w, "draw", ",\"deadline_at\":\"2024-03-01T01:00:30.5Z\"");
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT api.utc(deadline_at) FROM market.project WHERE id = '%s'",
			project),
		"2024-03-01T01:00:31.000Z");
	choice_free(&w);
}
END_TEST

START_TEST(a_key_that_is_not_announced_or_synthetic_opens_no_draw)
{
	struct choice *w = choice_new();
	const char *project = choice_review(w, "draw", "");

	pg_run(w->pg, "UPDATE market.draw_key SET synthetic = true");
	choice_refused(w, "rule", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");
	pg_run(w->pg,
		"UPDATE market.draw_key SET synthetic = false, announced_at = api.now() + "
		"interval '1 second'");
	choice_refused(w, "rule", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");
	pg_run(w->pg, "UPDATE market.draw_key SET announced_at = api.now()");
	choice_done(w, 200, SQL_project_review, w->reviewer, project, choice_version(w, project),
		"{\"publish\":true}");
	choice_free(&w);
}
END_TEST

START_TEST(a_commitment_is_used_once)
{
	struct choice *w = choice_new();
	const char *first = choice_open(w, "draw", ""), *second = choice_draft(w, "draw", "");
	const char *third = choice_draft(w, "draw", "");
	struct pg_answer a = choice_call(
		w, SQL_project_commit, w->owner, second, 1, choice_commitment(w, first));

	choice_refuses(&a, "duplicate", "draw.commitment");
	/* Two drafts with one commitment: the first to be published has it. */
	for (int i = 0; i < 2; i++) {
		choice_done(w, 200, SQL_project_commit, w->owner, i == 0 ? second : third, 1,
			choice_commitment(w, second));
		choice_done(
			w, 200, SQL_project_submit, w->owner, i == 0 ? second : third, -1, NULL);
	}
	choice_done(w, 200, SQL_project_review, w->reviewer, second, 3, "{\"publish\":true}");
	choice_refused(w, "duplicate", "draw.commitment", SQL_project_review, w->reviewer, third, 3,
		"{\"publish\":true}");
	choice_free(&w);
}
END_TEST

START_TEST(a_material_amendment_extends_the_period_and_keeps_the_old_text)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	struct pg_answer a;

	pg_clock_move(w->pg, "2 seconds");
	a = choice_done(w, 200, SQL_project_amend, w->owner, project, choice_version(w, project),
		"{\"reason\":\"更正\",\"title\":\"更正后的标题\"}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/deadline_at"), "2024-03-01T01:00:03.000Z");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/amendments/0/material"), "false");
	a = choice_done(w, 200, SQL_project_amend, w->owner, project, a.version,
		"{\"reason\":\"更正\",\"content\":\"另一内容\"}");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/deadline_at"), "2024-03-01T01:00:04.000Z");
	ck_assert_str_eq(
		pg_value(w->pg,
			"SELECT api.utc(j.due_at) FROM market.job j, market.draw d WHERE "
			"j.subject = d.id AND d.close_at = j.due_at AND d.project_id = '%s'",
			project),
		"2024-03-01T01:00:04.000Z");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.amendment WHERE old_notice::jsonb "
				 "->> 'content' LIKE '勘测%%' AND new_notice::jsonb ->> 'content' "
				 "= '另一内容' AND project_id = '%s'",
				 project),
		1);
	choice_refused(w, "rule", "TR3", SQL_project_amend, w->owner, project, a.version,
		"{\"reason\":\"无\"}");
	choice_refused(w, "rule", "TR3", SQL_project_amend, w->owner, project,
		choice_version(w, project),
		"{\"reason\":\"早\",\"deadline_at\":\"2024-03-01T01:00:03Z\"}");
	pg_clock_move(w->pg, "2 seconds");
	choice_refused(w, "late", "TR3", SQL_project_amend, w->owner, project,
		choice_version(w, project), "{\"reason\":\"迟\",\"title\":\"x\"}");
	choice_free(&w);
}
END_TEST

START_TEST(a_failed_round_stays_public_while_the_next_is_drafted)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "pick", "");
	struct pg_answer a = choice_call(w, SQL_project_round, w->owner, project, -1, NULL);

	choice_refuses(&a, "wrong-state", "TR1");
	choice_deadline(w, project); /* no offers at all */
	ck_assert_str_eq(choice_state(w, project), "failed");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT debits_posted - credits_posted FROM "
				 "market.account WHERE kind = 'budget_committed'"),
		0);
	a = choice_done(w, 201, SQL_project_round, w->owner, project, -1, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/round"), "2");
	choice_done(w, 200, SQL_project_edit, w->owner, project, a.version,
		"{\"content\":\"未公开的草稿\"}");
	choice_refused(w, "rule", "TR1", SQL_project_submit, w->owner, project, -1,
		NULL); /* the commitment must be new */
	a = pg_call(w->pg, w->pg->reader, SQL_project_get, "id", project, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "failed");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/round"), "1");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/end_reason"), "too-few");
	ck_assert_ptr_null(strstr(a.body, "未公开的草稿"));
	a = pg_call(w->pg, w->pg->reader, SQL_project_list, "state", "failed", NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/id"), project);
	a = pg_call(w->pg, w->pg->reader, SQL_project_list, "q", "未公开", NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/id"), "");
	a = pg_call(w->pg, w->pg->reader, SQL_project_get, "caller", w->owner, "id", project, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/state"), "draft");
	choice_free(&w);
}
END_TEST

START_TEST(pages_hold_every_project_once)
{
	struct choice *w = choice_new();
	struct pg_answer a;
	const char *cursor = NULL;
	int seen = 0;

	for (int i = 0; i < 5; i++)
		choice_open(w, "pick", "");
	do {
		a = pg_call(w->pg, w->pg->reader, SQL_project_list, "limit", "2", "cursor", cursor,
			"mode", "pick", "item", "I001", "category", "C01", "q", "勘测项目", NULL);
		ck_assert_str_eq(a.code, "");
		for (int i = 0; i < 2; i++)
			if (pg_member(w->pg, a.body, i == 0 ? "/items/0/id" : "/items/1/id")[0] !=
				'\0')
				seen++;
		cursor = a.next;
	} while (a.next[0] != '\0');
	ck_assert_int_eq(seen, 5);
	a = pg_call(w->pg, w->pg->reader, SQL_project_list, "cursor", "AAAA", NULL);
	ck_assert_str_eq(a.code, "bad-input");
	a = pg_call(w->pg, w->pg->reader, SQL_project_list, "mode", "draw", NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/items/0/id"), "");
	choice_free(&w);
}
END_TEST

START_TEST(a_void_takes_two_people)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ""), *request;
	struct pg_answer a = choice_call(w, SQL_project_void, w->reviewer, project, -1,
		"{\"reason\":\"notice-error\",\"stalled\":\"owner\"}");

	choice_refuses(&a, "rule", "TR12");
	a = choice_done(w, 201, SQL_project_void, w->reviewer, project, -1,
		"{\"reason\":\"notice-error\"}");
	request = pg_member(w->pg, a.body, "/id");
	choice_refused(w, "duplicate", "TR12", SQL_project_void, w->regulator, project, -1,
		"{\"reason\":\"notice-error\"}");
	choice_refused(w, "rule", "TR12", SQL_void_confirm, w->reviewer, request, 1, NULL);
	choice_refused(w, "stale", "", SQL_void_confirm, w->reviewer2, request, 2, NULL);
	choice_done(w, 200, SQL_void_confirm, w->reviewer2, request, 1, NULL);
	ck_assert_str_eq(choice_state(w, project), "voided");
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.job"), 0);
	ck_assert_str_eq(pg_value(w->pg, "SELECT split_part(void, E'\\n', 5) FROM market.draw"),
		"reason notice-error");
	choice_refused(w, "wrong-state", "TR12", SQL_void_confirm, w->reviewer2, request, 2, NULL);
	choice_refused(w, "wrong-state", "TR12", SQL_project_void, w->reviewer, project, -1,
		"{\"reason\":\"notice-error\"}");
	choice_free(&w);
}
END_TEST

/* A key with these roles (JSON) for the person of another key, made over the interface. */
static const char *
minted(struct choice *w, const char *with, const char *person, const char *roles)
{
	int n = w->calls++;
	struct pg_answer a = pg_call(w->pg, w->pg->writer, SQL_key_create, "caller", with, "need",
		"63", "idem", choice_text(w, "mint-%d", n), "id", pg_user_of(w->pg, person), "body",
		choice_text(w, "{\"label\":\"x\",\"roles\":[%s]}", roles), "secret_hash",
		choice_text(w, "\\x%064x", n), NULL);

	choice_accepts(&a, 201);
	return pg_member(w->pg, a.body, "/id");
}

START_TEST(a_key_that_the_other_made_is_no_second_person)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ""), *body = "{\"reason\":\"notice-error\"}";
	const char *forged = minted(w, w->reviewer, w->regulator, "\"regulator\""), *request;
	/* What is made with such a key is no better. */
	const char *laundered = minted(w, forged, w->regulator, "\"regulator\"");
	struct pg_answer a = choice_call(w, SQL_project_void, w->reviewer, project, -1, body);

	choice_accepts(&a, 201);
	request = pg_member(w->pg, a.body, "/id");
	choice_refused(w, "rule", "TR12", SQL_void_confirm, forged, request, 1, NULL);
	choice_refused(w, "rule", "TR12", SQL_void_confirm, laundered, request, 1, NULL);
	/* The same with the forged key first. */
	pg_run(w->pg, "DELETE FROM market.void_request");
	a = choice_done(w, 201, SQL_project_void, laundered, project, -1, body);
	request = pg_member(w->pg, a.body, "/id");
	choice_refused(w, "rule", "TR12", SQL_void_confirm, w->reviewer, request, 1, NULL);
	choice_done(w, 200, SQL_void_confirm, w->reviewer2, request, 1, NULL);
	choice_free(&w);
}
END_TEST

START_TEST(who_made_the_key_of_the_author_does_not_review)
{
	struct choice *w = choice_new();
	const char *project, *own = w->owner;

	/* Drafted with the person's own key, submitted with the operator's. */
	project = choice_draft(w, "pick", "");
	w->owner = minted(w, w->reviewer, own, "\"owner\"");
	pg_run(w->pg, "UPDATE market.project SET commitment = '\\x00'");
	choice_done(
		w, 200, SQL_project_submit, w->owner, project, choice_version(w, project), NULL);
	choice_refused(w, "rule", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");
	choice_done(w, 200, SQL_project_review, w->reviewer2, project, choice_version(w, project),
		"{\"publish\":true}");
	choice_free(&w);
}
END_TEST

SUITE(project, bad_drafts_are_refused_with_the_member_at_fault, good_drafts_are_taken,
	a_draft_is_seen_by_its_owner_and_supervision_only,
	another_owner_cannot_act_on_an_open_project,
	only_a_draft_is_edited_and_under_the_version_that_was_read,
	a_submission_needs_a_commitment_and_an_active_item, another_mode_needs_another_commitment,
	the_reviewer_is_not_the_author, neither_author_nor_submitter_reviews,
	publication_freezes_the_profile_and_commits_the_budget,
	the_notice_period_is_at_least_the_profiles,
	a_key_that_is_not_announced_or_synthetic_opens_no_draw, a_commitment_is_used_once,
	a_material_amendment_extends_the_period_and_keeps_the_old_text,
	a_failed_round_stays_public_while_the_next_is_drafted, pages_hold_every_project_once,
	a_void_takes_two_people, a_key_that_the_other_made_is_no_second_person,
	who_made_the_key_of_the_author_does_not_review)
