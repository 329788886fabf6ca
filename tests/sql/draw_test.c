/* Sign-ups, freeze, values, result, transcript; TR4, TR5, TR6.  Records and values are made and
 * checked with lib/draw, as the daemon does it and as a verifier does. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

static void
to_deadline(struct choice *w, const char *project)
{
	pg_clock_set(w->pg,
		pg_value(w->pg, "SELECT deadline_at FROM market.project WHERE id = '%s'", project));
}

static const char *
draw_of(struct choice *w, const char *project)
{
	return choice_text(w, "%s.1", project);
}

/* An open draw with the first `count` agencies signed up. */
static const char *
draw_open_with(struct choice *w, int count, const char *more)
{
	const char *project = choice_open(w, "draw", more);

	for (int i = 0; i < count; i++) {
		struct pg_answer a = choice_signup(w, project, i);

		choice_accepts(&a, 201);
	}
	return project;
}

START_TEST(a_sign_up_is_sealed_and_its_receipt_is_the_same_on_a_replay)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ""), *entry;
	struct pg_answer a, b;

	for (int i = 0; i < 2; i++) {
		a = pg_call(w->pg, w->pg->writer, SQL_signup_create, "caller", w->agency[0], "need",
			"2", "idem", "one", "hash", "\\x01", "id", project, "salt",
			i == 0 ? "\\x000102030405060708090a0b0c0d0e0f"
			       : "\\xffffffffffffffffffffffffffffffff",
			NULL);
		choice_accepts(&a, 201);
		ck_assert_int_eq(a.replayed, i == 1);
		if (i == 0)
			b = a;
	}
	ck_assert_str_eq(a.body, b.body);
	for (int i = 4; i < 8; i++)
		ck_assert_str_eq(PQgetvalue(a.rows, 0, i), PQgetvalue(b.rows, 0, i));
	entry = pg_value(w->pg,
		"SELECT convert_from(entry, 'UTF8') FROM market.outbox WHERE kind "
		"= 'signup'");
	ck_assert_str_eq(entry,
		choice_text(w,
			"fairlot-entry/v1 signup %s - 2024-03-01T01:00:00.000000Z "
			"-\n{\"draw\":\"%s\",\"seal\":\"%s\"}\n",
			draw_of(w, project), draw_of(w, project),
			pg_value(w->pg,
				"SELECT encode(sha256('fairlot-draw/v1/signup\\000'::bytea || "
				"set_byte('\\x00', 0, octet_length('%s')) || '%s'::bytea || "
				"set_byte('\\x00', 0, octet_length('%s')) || '%s'::bytea || "
				"'\\x000102030405060708090a0b0c0d0e0f'::bytea), 'hex')",
				draw_of(w, project), draw_of(w, project), w->agency_id[0],
				w->agency_id[0])));
	ck_assert_ptr_null(strstr(entry, w->agency_id[0]));
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 7), "2024-03-01T01:00:00.000000Z");
	choice_free(&w);
}
END_TEST

START_TEST(a_sign_up_that_may_not_be_is_refused)
{
	struct choice *w = choice_new();
	const char *avoid = choice_text(
		w, ",\"avoid\":[{\"agency_id\":\"%s\",\"reason\":\"亲属\"}]", w->agency_id[1]);
	const char *project = choice_open(w, "draw", avoid), *pick = choice_open(w, "pick", "");
	struct pg_answer a = choice_signup(w, project, 1);

	choice_refuses(&a, "ineligible", "signup.avoidance");
	pg_run(w->pg, "UPDATE market.agency SET categories = '{}' WHERE id = '%s'",
		w->agency_id[2]);
	a = choice_signup(w, project, 2);
	choice_refuses(&a, "ineligible", "signup.eligible");
	choice_refused(w, "ineligible", "signup.eligible", SQL_signup_create, w->regulator, project,
		-1, NULL);
	a = choice_signup(w, pick, 0);
	choice_refuses(&a, "rule", "signup.mode");
	/* The owner's own agency may not take part. */
	pg_run(w->pg, "UPDATE market.agency SET organisation_id = '%s' WHERE id = '%s'",
		pg_org_of(w->pg, w->owner), w->agency_id[5]);
	choice_refused(w, "ineligible", "signup.avoidance", SQL_signup_create, w->owner, project,
		-1, NULL);
	pg_run(w->pg, "UPDATE market.agency SET controller_group = 'g1' WHERE id IN ('%s', '%s')",
		w->agency_id[3], w->agency_id[4]);
	a = choice_signup(w, project, 3);
	choice_accepts(&a, 201);
	a = choice_signup(w, project, 4);
	choice_refuses(&a, "duplicate", "signup.group");
	a = choice_signup(w, project, 3);
	choice_refuses(&a, "duplicate", "signup.once");
	ck_assert_int_eq(
		pg_number(w->pg, "SELECT count(*) FROM market.outbox WHERE kind = 'signup'"), 1);
	choice_free(&w);
}
END_TEST

START_TEST(a_late_sign_up_is_refused_even_if_no_job_has_run)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ""), *signup;
	struct pg_answer a = choice_signup(w, project, 0);

	signup = pg_member(w->pg, a.body, "/id");
	to_deadline(w, project);
	pg_clock_move(w->pg, "-1 microsecond");
	a = choice_signup(w, project, 1);
	choice_accepts(&a, 201);
	pg_clock_move(w->pg, "1 microsecond");
	ck_assert_str_eq(choice_state(w, project), "open");
	a = choice_signup(w, project, 2);
	choice_refuses(&a, "late", "signup.deadline");
	choice_refused(
		w, "late", "signup.deadline", SQL_signup_withdraw, w->agency[0], signup, 1, NULL);
	choice_free(&w);
}
END_TEST

START_TEST(a_withdrawal_is_the_agencys_own_final_and_stands_in_the_list)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", ",\"fiscal_bp\":0"), *signup;
	struct pg_answer a = choice_signup(w, project, 0);

	signup = pg_member(w->pg, a.body, "/id");
	a = choice_signup(w, project, 1);
	choice_refused(w, "not-found", "", SQL_signup_withdraw, w->agency[1], signup, 1, NULL);
	choice_refused(w, "stale", "", SQL_signup_withdraw, w->agency[0], signup, 2, NULL);
	choice_done(w, 200, SQL_signup_withdraw, w->agency[0], signup, 1, NULL);
	choice_refused(w, "wrong-state", "signup.deadline", SQL_signup_withdraw, w->agency[0],
		signup, 2, NULL);
	a = choice_signup(w, project, 0);
	choice_refuses(&a, "duplicate", "signup.once");
	to_deadline(w, project);
	a = choice_freeze(w, draw_of(w, project));
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(
		pg_value(w->pg,
			"SELECT split_part(excluded, ' ', 1) || ' ' || split_part(excluded, "
			"' ', 2) FROM market.draw"),
		choice_text(w, "%s withdrawn", w->agency_id[0]));
	choice_free(&w);
}
END_TEST

START_TEST(the_count_of_sign_ups_is_hidden_until_the_deadline)
{
	struct choice *w = choice_new();
	const char *project = choice_open(w, "draw", "");
	const char *who[] = {NULL, w->owner, w->reviewer};
	struct pg_answer a, before, shown[3];

	for (int i = 0; i < 3; i++)
		shown[i] = pg_call(w->pg, w->pg->reader, SQL_project_get, "caller", who[i], "id",
			project, NULL);
	before = pg_call(w->pg, w->pg->reader, SQL_draw_get, "id", draw_of(w, project), NULL);
	for (int i = 0; i < 3; i++) {
		a = choice_signup(w, project, i);
		choice_accepts(&a, 201);
	}
	choice_done(w, 200, SQL_signup_withdraw, w->agency[2], pg_member(w->pg, a.body, "/id"), 1,
		NULL);
	for (int i = 0; i < 3; i++) {
		a = pg_call(w->pg, w->pg->reader, SQL_project_get, "caller", who[i], "id", project,
			NULL);
		ck_assert_str_eq(pg_member(w->pg, a.body, "/signups"), "");
		ck_assert_str_eq(a.body, shown[i].body);
		ck_assert_int_eq(a.version, shown[i].version);
	}
	a = pg_call(w->pg, w->pg->reader, SQL_draw_get, "id", draw_of(w, project), NULL);
	ck_assert_str_eq(a.body, before.body); /* its version, too, does not count them */
	ck_assert_int_eq(a.version, before.version);
	to_deadline(w, project);
	a = pg_call(w->pg, w->pg->reader, SQL_project_get, "id", project, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/signups"), "2");
	choice_free(&w);
}
END_TEST

START_TEST(a_draw_goes_from_freeze_to_standing)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 4, ",\"winners\":2"), *draw = draw_of(w, project);
	struct pg_answer a;

	pg_run(w->pg, "UPDATE market.agency SET state = 'suspended' WHERE id = '%s'",
		w->agency_id[3]);
	to_deadline(w, project);
	a = choice_freeze(w, draw);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(choice_state(w, project), "selecting");
	a = pg_call(w->pg, w->pg->reader, SQL_draw_get, "id", draw, NULL);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/awaited"), "owner");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/candidates"), "3");
	ck_assert_str_eq(pg_member(w->pg, a.body, "/excluded"), "1");
	/* Once frozen, a second freeze changes nothing. */
	a = choice_freeze(w, draw);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(w, project), "selected");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.standing WHERE amount_fen = 100000 "
				 "AND state = CASE WHEN place <= 2 THEN 'winner' ELSE 'substitute' "
				 "END"),
		3);
	ck_assert_str_eq(pg_member(w->pg, a.body, "/order/2"),
		pg_value(w->pg, "SELECT agency_id FROM market.standing WHERE place = 3"));
	ck_assert_str_eq(pg_value(w->pg,
				 "SELECT string_agg(kind, ' ' ORDER BY id) FROM "
				 "market.outbox WHERE subject = '%s' AND kind <> 'signup'",
				 draw),
		"freeze contribution contribution result");
	ck_assert_int_eq(pg_number(w->pg,
				 "SELECT count(*) FROM market.job WHERE kind = "
				 "'project_award' AND subject = '%s'",
				 project),
		1);
	choice_free(&w);
}
END_TEST

START_TEST(the_same_value_again_is_the_same_fact_and_another_is_refused)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 3, ""), *draw = draw_of(w, project);
	struct pg_answer a, b;

	to_deadline(w, project);
	choice_freeze(w, draw);
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	b = choice_contribute(w, draw, w->owner);
	choice_accepts(&b, 200);
	ck_assert_str_eq(a.body, b.body);
	ck_assert_int_eq(a.version, b.version);
	b = pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->owner, "need", "1", "id",
		draw, "index", "2", "version", "1", "value",
		"\\x0000000000000000000000000000000000000000000000000000000000000000", NULL);
	choice_refuses(&b, "duplicate", "draw.once");
	ck_assert_int_eq(pg_number(w->pg, "SELECT count(*) FROM market.standing"), 3);
	choice_free(&w);
}
END_TEST

START_TEST(a_value_that_is_not_the_owners_or_opens_nothing_is_refused)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 3, ""), *draw = draw_of(w, project);
	const char *other = pg_person(w->pg, "owner", ROLE_OWNER), *version;
	struct pg_answer a = choice_contribute(w, draw, w->owner);

	choice_refuses(&a, "wrong-state", "draw.frozen");
	to_deadline(w, project);
	choice_freeze(w, draw);
	a = choice_contribute(w, draw, other);
	choice_refuses(&a, "forbidden", "draw.contributor");
	version = pg_value(w->pg, "SELECT version FROM market.draw");
	a = pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->owner, "need", "1", "id",
		draw, "index", "2", "version", version, "value",
		"\\x0000000000000000000000000000000000000000000000000000000000000000", NULL);
	choice_refuses(&a, "rule", "draw.commitment");
	a = pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->owner, "need", "1", "id",
		draw, "index", "2", "version", "1", "value",
		choice_text(w, "\\x%s", choice_r(w, project)), NULL);
	choice_refuses(&a, "conflict", "draw.frozen");
	/* A right value with an order that is no permutation, or another text of the result. */
	a = pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->owner, "need", "1", "id",
		draw, "index", "2", "version", version, "value",
		choice_text(w, "\\x%s", choice_r(w, project)), "seed", "\\x00", "result",
		choice_text(w,
			"fairlot-draw/v1\ndraw %s\nattempt 1\nfreeze %s\nseed 00\norder %s %s %s\n",
			draw, pg_value(w->pg, "SELECT encode(freeze_hash, 'hex') FROM market.draw"),
			w->agency_id[0], w->agency_id[1], w->agency_id[1]),
		NULL);
	choice_refuses(&a, "conflict", "TR6");
	a = pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->owner, "need", "1", "id",
		draw, "index", "2", "version", version, "value",
		choice_text(w, "\\x%s", choice_r(w, project)), "seed", "\\x00", "result", "x",
		NULL);
	choice_refuses(&a, "conflict", "TR6");
	a = pg_call(w->pg, w->pg->reader, SQL_draw_read, "caller", w->owner, "id", draw, "index",
		"3", NULL);
	choice_refuses(&a, "not-found", "");
	choice_free(&w);
}
END_TEST

/* A freeze of what was read, with a record that says nothing. */
static struct pg_answer
freeze_of(struct choice *w, const char *draw, const struct pg_answer *read)
{
	const char *name[] = {"version", "candidates", "excluded", "signups"}, *value[4];

	for (int i = 0; i < 4; i++)
		value[i] = PQgetvalue(read->rows, 0, PQfnumber(read->rows, name[i]));
	return pg_call(w->pg, w->pg->writer, SQL_draw_freeze_write, "subject", draw, "version",
		value[0], "candidates", value[1], "excluded", value[2], "signups", value[3],
		"freeze", "f", "freeze_hash",
		"\\x252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111", "public_key",
		"\\x02", NULL);
}

START_TEST(a_freeze_before_the_deadline_or_of_another_list_is_refused)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 3, ""), *draw = draw_of(w, project);
	struct pg_answer a = choice_freeze(w, draw), v;

	choice_refuses(&a, "wrong-state", "TR4");
	to_deadline(w, project);
	v = pg_call(w->pg, w->pg->reader, SQL_draw_freeze_read, "subject", draw, NULL);
	a = pg_call(w->pg, w->pg->writer, SQL_draw_freeze_write, "subject", draw, "version",
		PQgetvalue(v.rows, 0, PQfnumber(v.rows, "version")), "candidates", "x", NULL);
	choice_refuses(&a, "conflict", "TR4");
	a = pg_call(
		w->pg, w->pg->writer, SQL_draw_freeze_write, "subject", draw, "version", "1", NULL);
	choice_refuses(&a, "conflict", "TR4");
	pg_run(w->pg, "UPDATE market.draw_key SET retired_at = api.now()");
	a = freeze_of(w, draw, &v);
	choice_refuses(&a, "rule", "draw.key");
	choice_free(&w);
}
END_TEST

START_TEST(a_round_that_ended_takes_no_sign_up)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 1, ""), *request;
	struct pg_answer a = choice_call(
		w, SQL_project_void, w->reviewer, project, -1, "{\"reason\":\"owner-withdrew\"}");

	request = pg_member(w->pg, a.body, "/id");
	choice_done(w, 200, SQL_void_confirm, w->regulator, request, 1, NULL);
	a = choice_signup(w, project, 1);
	choice_refuses(&a, "wrong-state", "signup.deadline");
	a = choice_freeze(w, draw_of(w, project));
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	choice_free(&w);
}
END_TEST

/* The daemon chooses between freeze and too few by what it read; both are judged again. */
START_TEST(freeze_and_too_few_are_judged_again_at_the_write)
{
	struct choice *w = choice_new();
	const char *few = draw_open_with(w, 2, ""), *enough = draw_open_with(w, 3, "");
	struct pg_answer v, a;

	a = pg_call(w->pg, w->pg->writer, SQL_draw_too_few, "subject", draw_of(w, few), "version",
		"1", NULL);
	choice_refuses(&a, "wrong-state", "TR4");
	to_deadline(w, few);
	v = pg_call(
		w->pg, w->pg->reader, SQL_draw_freeze_read, "subject", draw_of(w, enough), NULL);
	a = pg_call(w->pg, w->pg->writer, SQL_draw_too_few, "subject", draw_of(w, enough),
		"version", PQgetvalue(v.rows, 0, PQfnumber(v.rows, "version")), NULL);
	choice_refuses(&a, "conflict", "TR5");
	v = pg_call(w->pg, w->pg->reader, SQL_draw_freeze_read, "subject", draw_of(w, few), NULL);
	a = freeze_of(w, draw_of(w, few), &v);
	choice_refuses(&a, "rule", "TR5");
	for (int i = 0; i < 2; i++) {
		a = pg_call(w->pg, w->pg->writer, SQL_draw_too_few, "subject", draw_of(w, few),
			"version", PQgetvalue(v.rows, 0, PQfnumber(v.rows, "version")), NULL);
		ck_assert_str_eq(a.code, "");
		ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), i == 0 ? "t" : "f"); /* once */
	}
	choice_free(&w);
}
END_TEST

START_TEST(too_few_candidates_fail_the_round_and_show_the_lists)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 2, ""), *draw = draw_of(w, project);
	struct pg_answer a;

	to_deadline(w, project);
	a = pg_call(w->pg, w->pg->writer, SQL_draw_too_few, "subject", draw, "version", "9", NULL);
	choice_refuses(&a, "conflict", "TR4");
	a = choice_freeze(w, draw);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	ck_assert_str_eq(choice_state(w, project), "failed");
	ck_assert_str_eq(pg_value(w->pg, "SELECT end_reason FROM market.round"), "too-few");
	a = pg_call(
		w->pg, w->pg->reader, SQL_draw_file, "id", draw, "file", "candidates.txt", NULL);
	ck_assert_int_eq(PQntuples(a.rows), 1);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_file, "id", draw, "file", "void.txt", NULL);
	ck_assert_int_eq(PQntuples(a.rows), 1);
	/* Social funds need one candidate only. */
	project = draw_open_with(w, 1, ",\"fiscal_bp\":0");
	to_deadline(w, project);
	choice_freeze(w, draw_of(w, project));
	ck_assert_str_eq(choice_state(w, project), "selecting");
	choice_free(&w);
}
END_TEST

START_TEST(an_owner_who_does_not_open_ends_the_round)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 3, ""), *draw = draw_of(w, project);
	struct pg_answer a;

	to_deadline(w, project);
	choice_freeze(w, draw);
	ck_assert(!choice_job(w, SQL_job_draw_stall, draw));
	pg_clock_move(w->pg, "1 hour");
	/* The clock decides, not whether the timer has run. */
	a = choice_contribute(w, draw, w->owner);
	choice_refuses(&a, "late", "draw.stall");
	ck_assert(choice_job(w, SQL_job_draw_stall, draw));
	ck_assert(!choice_job(w, SQL_job_draw_stall, draw));
	ck_assert_str_eq(choice_state(w, project), "failed");
	ck_assert_ptr_nonnull(strstr(
		pg_value(w->pg, "SELECT void FROM market.draw"), "\nstalled owner\nby - -\n"));
	a = choice_contribute(w, draw, w->owner);
	choice_refuses(&a, "wrong-state", "draw.frozen");
	choice_free(&w);
}
END_TEST

static struct text
file_of(struct choice *w, const char *draw, const char *file)
{
	const char *hex = pg_value(
		w->pg, "SELECT encode(f.body, 'hex') FROM api.draw_file('%s', '%s') f", draw, file);
	size_t len = strlen(hex) / 2;
	uint8_t *at = arena_alloc(&w->pg->arena, len + 1);

	ck_assert(hex_decode(text_of(hex), at, len));
	return text_span((const char *)at, len);
}

START_TEST(the_transcript_is_what_lib_draw_computes)
{
	struct choice *w = choice_new();
	const char *project = draw_open_with(w, 5, ""), *draw = draw_of(w, project);
	struct arena *mem = &w->pg->arena;
	struct text given[2];
	struct draw d;
	struct draw_end end;
	struct pg_answer a = pg_call(w->pg, w->pg->reader, SQL_draw_transcript, "id", draw, NULL);
	size_t count;

	choice_refuses(&a, "not-found", "draw.frozen");
	to_deadline(w, project);
	choice_freeze(w, draw);
	choice_contribute(w, draw, w->owner);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_transcript, "id", draw, NULL);
	ck_assert_int_eq(PQntuples(a.rows), 10);
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "attempt-1/freeze.txt");
	ck_assert_str_eq(PQgetvalue(a.rows, 9, 0), "README.txt");
	ck_assert_int_eq(
		draw_open(mem, file_of(w, draw, "freeze.txt"), file_of(w, draw, "candidates.txt"),
			file_of(w, draw, "excluded.txt"), &d),
		CHECK_OK);
	ck_assert_int_eq(draw_lists_check(&d), CHECK_OK);
	ck_assert_int_eq(contributions_parse(mem, file_of(w, draw, "contributions.txt"), &d.freeze,
				 &d.f, given, &count, NULL),
		CHECK_OK);
	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(draw_finish(mem, &d, given, &end), CHECK_OK);
	ck_assert(text_eq(end.result_text, file_of(w, draw, "result.txt")));
	ck_assert(text_eq(end.contributions_text, file_of(w, draw, "contributions.txt")));
	/* rules.txt and notice.txt are what the freeze names. */
	ck_assert_int_eq(
		pg_number(w->pg,
			"SELECT count(*) FROM market.draw WHERE \"freeze\" LIKE '%%notice ' || "
			"encode(sha256(convert_to(notice, 'UTF8')), 'hex') || E'\\nrules ' "
			"|| encode(sha256(convert_to(rules, 'UTF8')), 'hex') || '%%'"),
		1);
	a = pg_call(w->pg, w->pg->reader, SQL_draw_file, "id", draw, "file", "secret.txt", NULL);
	choice_refuses(&a, "not-found", "");
	choice_free(&w);
}
END_TEST

SUITE(draw, a_sign_up_is_sealed_and_its_receipt_is_the_same_on_a_replay,
	a_sign_up_that_may_not_be_is_refused, a_late_sign_up_is_refused_even_if_no_job_has_run,
	a_withdrawal_is_the_agencys_own_final_and_stands_in_the_list,
	the_count_of_sign_ups_is_hidden_until_the_deadline, a_draw_goes_from_freeze_to_standing,
	the_same_value_again_is_the_same_fact_and_another_is_refused,
	a_value_that_is_not_the_owners_or_opens_nothing_is_refused,
	a_freeze_before_the_deadline_or_of_another_list_is_refused,
	a_round_that_ended_takes_no_sign_up, freeze_and_too_few_are_judged_again_at_the_write,
	too_few_candidates_fail_the_round_and_show_the_lists,
	an_owner_who_does_not_open_ends_the_round, the_transcript_is_what_lib_draw_computes)
