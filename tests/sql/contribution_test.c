/* Draws with witnesses: who speaks, in which order, with which keys; level L2. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "proto/op.h"
#include "tests/sql/choice.h"
#include "tests/support/suite.h"

enum {
	WITNESSES = 2
};

struct witnessed {
	struct choice *w;
	const char *project, *draw, *witness[WITNESSES];
};

/* A draw of three agencies with two witnesses, at its deadline.  more: its further members. */
static struct witnessed
witnessed_with(struct choice *w, const char *more)
{
	struct witnessed d = {.w = w};

	for (int i = 0; i < WITNESSES; i++)
		d.witness[i] = choice_witness(d.w, i);
	d.project = choice_open(d.w, "draw",
		choice_text(w, ",\"witnesses\":[\"witness-1\",\"witness-0\"]%s", more));
	d.draw = choice_text(d.w, "%s.1", d.project);
	for (int i = 0; i < 3; i++) {
		struct pg_answer a = choice_signup(d.w, d.project, i);

		choice_accepts(&a, 201);
	}
	pg_clock_set(d.w->pg, pg_value(d.w->pg, "SELECT deadline_at FROM market.project"));
	return d;
}

static struct witnessed
witnessed_new(void)
{
	return witnessed_with(choice_new(), "");
}

static void
frozen(struct witnessed *d)
{
	struct pg_answer a = choice_freeze(d->w, d->draw);

	ck_assert_str_eq(a.code, "");
}

static const char *
drawn(struct witnessed *d, const char *pointer)
{
	struct pg_answer a = pg_call(d->w->pg, d->w->pg->reader, SQL_draw_get, "id", d->draw, NULL);

	return pg_member(d->w->pg, a.body, pointer);
}

static void
owner_opens(struct witnessed *d)
{
	struct pg_answer a = choice_contribute(d->w, d->draw, d->w->owner);

	choice_accepts(&a, 200);
}

START_TEST(values_come_in_the_order_of_the_record_and_the_last_gives_the_result)
{
	struct witnessed d = witnessed_new();
	struct pg_answer a, b;
	const char *proof;

	frozen(&d);
	ck_assert_str_eq(drawn(&d, "/level"), "L2");
	ck_assert_str_eq(drawn(&d, "/awaited"), "owner");
	ck_assert_str_eq(drawn(&d, "/contributions/2/name"), "witness-1");
	proof = choice_proof(d.w, d.draw, 1);
	a = choice_give(d.w, d.draw, 3, d.witness[1], proof);
	choice_refuses(&a, "wrong-state", "draw.order");
	owner_opens(&d);
	ck_assert_str_eq(drawn(&d, "/awaited"), "witness-1");
	a = choice_give(d.w, d.draw, 4, d.witness[0], choice_proof(d.w, d.draw, 0));
	choice_refuses(&a, "wrong-state", "draw.order");
	a = choice_give(d.w, d.draw, 3, d.witness[1], proof);
	choice_accepts(&a, 200);
	ck_assert_str_eq(drawn(&d, "/awaited"), "witness-0");
	ck_assert_str_eq(drawn(&d, "/seed"), "");
	b = choice_give(d.w, d.draw, 3, d.witness[1], proof);
	choice_accepts(&b, 200);
	ck_assert_str_eq(a.body, b.body);
	ck_assert_str_eq(choice_state(d.w, d.project), "selecting");
	a = choice_give(d.w, d.draw, 4, d.witness[0], choice_proof(d.w, d.draw, 0));
	choice_accepts(&a, 200);
	ck_assert_str_eq(choice_state(d.w, d.project), "selected");
	ck_assert_str_eq(pg_value(d.w->pg,
				 "SELECT string_agg(kind, ' ' ORDER BY id) FROM market.outbox "
				 "WHERE subject = '%s' AND kind <> 'signup'",
				 d.draw),
		"freeze contribution contribution contribution contribution result");
	choice_free(&d.w);
}
END_TEST

START_TEST(a_value_is_given_by_its_own_witness_only)
{
	struct witnessed d = witnessed_new();
	const char *stranger = choice_witness(d.w, 2), *proof;
	struct pg_answer a;

	frozen(&d);
	owner_opens(&d);
	proof = choice_proof(d.w, d.draw, 1);
	a = choice_give(d.w, d.draw, 3, d.w->owner, proof);
	choice_refuses(&a, "forbidden", "draw.contributor");
	a = choice_give(d.w, d.draw, 3, stranger, proof);
	choice_refuses(&a, "forbidden", "draw.contributor");
	a = choice_give(d.w, d.draw, 3, d.witness[0], proof);
	choice_refuses(&a, "forbidden", "draw.contributor");
	/* The operator's own value is never brought by a call. */
	a = pg_call(d.w->pg, d.w->pg->writer, SQL_draw_write, "caller", d.w->reviewer, "need", "63",
		"id", d.draw, "index", "1", "version", "1", "value", "\\x00", NULL);
	choice_refuses(&a, "forbidden", "draw.contributor");
	a = choice_give(d.w, d.draw, 3, d.witness[1], proof);
	choice_accepts(&a, 200);
	/* Another value of this witness never replaces it. */
	a = pg_call(d.w->pg, d.w->pg->writer, SQL_draw_write, "caller", d.witness[1], "need", "63",
		"id", d.draw, "index", "3", "version",
		pg_value(d.w->pg, "SELECT version FROM market.draw"), "value", "\\x00", NULL);
	choice_refuses(&a, "duplicate", "draw.once");
	a = pg_call(d.w->pg, d.w->pg->writer, SQL_draw_write, "caller", d.witness[0], "need", "63",
		"id", d.draw, "index", "4", "version",
		pg_value(d.w->pg, "SELECT version FROM market.draw"), "value",
		"\\x0000000000000000000000000000000000000000000000000000000000000000", NULL);
	choice_refuses(&a, "conflict", "draw.value");
	a = pg_call(d.w->pg, d.w->pg->writer, SQL_draw_write, "caller", d.witness[0], "need", "63",
		"id", d.draw, "index", "4", "version",
		pg_value(d.w->pg, "SELECT version FROM market.draw"), "value",
		"\\x00000000000000000000000000000000000000000000000000000000000000", "proof",
		choice_text(d.w, "\\x%0162d", 2), NULL);
	choice_refuses(&a, "conflict", "draw.value");
	choice_free(&d.w);
}
END_TEST

START_TEST(a_value_takes_a_key_with_the_role_of_its_contributor)
{
	struct witnessed d = witnessed_new();
	struct pg_answer a;

	frozen(&d);
	pg_run(d.w->pg, "UPDATE market.api_key SET roles = 2 WHERE id IN ('%s', '%s')", d.w->owner,
		d.witness[1]);
	a = choice_contribute(d.w, d.draw, d.w->owner);
	choice_refuses(&a, "forbidden", "draw.contributor");
	pg_run(d.w->pg, "UPDATE market.api_key SET roles = 1 WHERE id = '%s'", d.w->owner);
	owner_opens(&d);
	a = choice_give(d.w, d.draw, 3, d.witness[1], choice_proof(d.w, d.draw, 1));
	choice_refuses(&a, "forbidden", "draw.contributor");
	choice_free(&d.w);
}
END_TEST

START_TEST(a_witness_is_announced_and_its_key_old_enough)
{
	struct choice *w = choice_new();
	const char *two = ",\"witnesses\":[\"witness-0\"]", *project;
	struct pg_answer a =
		choice_call(w, SQL_project_create, w->owner, NULL, -1, choice_body(w, "draw", two));

	choice_refuses(&a, "rule", "TR1");
	ck_assert_str_eq(a.pointer, "/witnesses");
	(void)choice_witness(w, 0);
	choice_refused(w, "rule", "TR1", SQL_project_create, w->owner, NULL, -1,
		choice_body(w, "draw", ",\"witnesses\":[\"witness-0\",\"witness-0\"]"));
	choice_refused(w, "rule", "TR1", SQL_project_create, w->owner, NULL, -1,
		choice_body(w, "pick", two));
	choice_refused(w, "rule", "TR1", SQL_project_create, w->owner, NULL, -1,
		choice_body(w, "draw", ",\"witnesses\":[\"operator\"]"));
	project = choice_review(w, "draw", two);
	pg_run(w->pg,
		"UPDATE market.draw_key SET announced_at = api.now() + interval '1 s' WHERE "
		"name = 'witness-0'");
	a = choice_refused(w, "rule", "TR2", SQL_project_review, w->reviewer, project,
		choice_version(w, project), "{\"publish\":true}");
	ck_assert_str_eq(a.pointer, "/witnesses");
	pg_run(w->pg, "UPDATE market.draw_key SET announced_at = api.now()");
	choice_done(w, 200, SQL_project_review, w->reviewer, project, choice_version(w, project),
		"{\"publish\":true}");
	choice_free(&w);
}
END_TEST

START_TEST(a_key_retired_before_the_freeze_is_not_frozen)
{
	struct witnessed d = witnessed_new();
	struct pg_answer v;

	pg_run(d.w->pg,
		"UPDATE market.draw_key SET retired_at = api.now() WHERE name = 'witness-1'");
	v = pg_call(d.w->pg, d.w->pg->reader, SQL_draw_freeze_read, "subject", d.draw, NULL);
	ck_assert(PQgetisnull(v.rows, 0, PQfnumber(v.rows, "draft")));
	choice_free(&d.w);
}
END_TEST

START_TEST(the_markets_witnesses_are_those_of_a_draw_that_names_none)
{
	struct choice *w = choice_new();
	const char *draw, *pick, *own;

	(void)choice_witness(w, 0);
	(void)choice_witness(w, 1);
	pg_run(w->pg, "INSERT INTO market.setting VALUES ('witnesses', 'witness-0 witness-1')");
	draw = choice_draft(w, "draw", "");
	pick = choice_draft(w, "pick", "");
	own = choice_draft(w, "draw", ",\"witnesses\":[]");
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT witnesses FROM market.project WHERE id = '%s'", draw),
		"{witness-0,witness-1}");
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT witnesses FROM market.project WHERE id = '%s'", pick),
		"{}");
	ck_assert_str_eq(
		pg_value(w->pg, "SELECT witnesses FROM market.project WHERE id = '%s'", own), "{}");
	choice_free(&w);
}
END_TEST

START_TEST(a_witness_that_is_silent_is_named_and_waited_for)
{
	struct witnessed d = witnessed_new();
	struct pg_answer a;

	frozen(&d);
	pg_clock_move(d.w->pg, "59 minutes");
	owner_opens(&d);
	pg_clock_move(d.w->pg, "59 minutes");
	/* Its time runs from the owner's value. */
	ck_assert(!choice_job(d.w, SQL_job_draw_stall, d.draw));
	pg_clock_move(d.w->pg, "1 minute");
	ck_assert(choice_job(d.w, SQL_job_draw_stall, d.draw));
	ck_assert_str_eq(drawn(&d, "/stalled"), "witness-1");
	ck_assert_str_eq(drawn(&d, "/state"), "contributing");
	ck_assert_str_eq(choice_state(d.w, d.project), "selecting");
	a = choice_give(d.w, d.draw, 3, d.witness[1], choice_proof(d.w, d.draw, 1));
	choice_accepts(&a, 200);
	ck_assert_str_eq(drawn(&d, "/stalled"), "witness-1");
	ck_assert_str_eq(drawn(&d, "/awaited"), "witness-0");
	choice_free(&d.w);
}
END_TEST

START_TEST(a_late_witness_is_named_before_the_timer_has_run)
{
	struct witnessed d = witnessed_new();
	struct pg_answer a;

	frozen(&d);
	owner_opens(&d);
	pg_clock_move(d.w->pg, "1 hour");
	a = choice_give(d.w, d.draw, 3, d.witness[1], choice_proof(d.w, d.draw, 1));
	choice_accepts(&a, 200);
	ck_assert_str_eq(drawn(&d, "/stalled"), "witness-1");
	ck_assert_str_eq(drawn(&d, "/awaited"), "witness-0");
	pg_clock_move(d.w->pg, "59 minutes");
	a = choice_give(d.w, d.draw, 4, d.witness[0], choice_proof(d.w, d.draw, 0));
	choice_accepts(&a, 200);
	ck_assert_str_eq(drawn(&d, "/stalled"), "witness-1");
	choice_free(&d.w);
}
END_TEST

/* freeze.txt is what SQL drafted, with roots, and nothing else passes. */
START_TEST(a_freeze_that_differs_from_its_draft_is_refused)
{
	struct witnessed d = witnessed_new();
	struct pg_answer v =
		pg_call(d.w->pg, d.w->pg->reader, SQL_draw_freeze_read, "subject", d.draw, NULL);
	const char *draft = PQgetvalue(v.rows, 0, PQfnumber(v.rows, "draft")), *other;
	struct pg_answer a;

	ck_assert_ptr_nonnull(strstr(draft, "\ncontributor 3 vrf-p256 witness-1 0"));
	ck_assert_ptr_nonnull(strstr(draft, "\ncontributor 4 vrf-p256 witness-0 0"));
	other = choice_text(d.w, "%s ", draft);
	a = pg_call(d.w->pg, d.w->pg->writer, SQL_draw_freeze_write, "subject", d.draw, "version",
		PQgetvalue(v.rows, 0, PQfnumber(v.rows, "version")), "candidates",
		PQgetvalue(v.rows, 0, PQfnumber(v.rows, "candidates")), "excluded",
		PQgetvalue(v.rows, 0, PQfnumber(v.rows, "excluded")), "signups",
		PQgetvalue(v.rows, 0, PQfnumber(v.rows, "signups")), "freeze", other, "freeze_hash",
		pg_value(d.w->pg, "SELECT sha256(convert_to('%s', 'UTF8'))", other), "public_key",
		pg_value(d.w->pg, "SELECT public_key FROM market.draw_key WHERE name = 'operator'"),
		"value", "\\x00", "proof", "\\x00", NULL);
	choice_refuses(&a, "conflict", "TR4");
	choice_free(&d.w);
}
END_TEST

/* --- a pulse of NIST: what the daemon has checked is stored whole --- */

enum {
	PULSE_INDEX = 4
};

/* What SQL_draw_write says of a value and a proof for the pulse; SQL expressions. */
static struct pg_answer
pulse_write(struct choice *w, const char *draw, const char *value, const char *proof)
{
	return pg_call(w->pg, w->pg->writer, SQL_draw_write, "caller", w->agency[0], "need", "63",
		"id", draw, "index", "4", "version",
		pg_value(w->pg, "SELECT version FROM market.draw"), "value",
		pg_value(w->pg, "SELECT %s", value), "proof",
		proof == NULL ? NULL : pg_value(w->pg, "SELECT %s", proof), NULL);
}

/* All that was said stands in a new checkpoint; witness-0 cosigns it by a key, so long after the
 * pulse.  key: an expression; NULL: nobody does. */
static void
seen(struct choice *w, const char *draw, const char *key, const char *after)
{
	pg_run(w->pg,
		"SELECT api.entry('note', 'x', '-', api.now(), E'x\\n'); DELETE FROM "
		"market.log_waiting; INSERT INTO market.log_entry SELECT 'journal', (SELECT "
		"count(*) "
		"FROM market.log_entry) + row_number() OVER (ORDER BY o.id) - 1, o.id FROM "
		"market.outbox o WHERE NOT EXISTS (SELECT FROM market.log_entry e WHERE "
		"e.outbox_id = "
		"o.id); UPDATE market.log_head SET size = n, signed = n FROM (SELECT count(*) AS n "
		"FROM "
		"market.log_entry) c WHERE log = 'journal'; INSERT INTO market.log_checkpoint "
		"SELECT "
		"'journal', signed, '\\x00', 'x', api.now() FROM market.log_head WHERE log = "
		"'journal'");
	if (key != NULL)
		pg_run(w->pg,
			"INSERT INTO market.log_cosignature SELECT 'journal', h.signed, w.name, '— "
			"' || "
			"w.name || ' ' || encode(api.cosigner_id(w.name, %s), 'base64') || E'\\n', "
			"api.beacon_time(k.kind, k.round) + interval '%s', api.now() FROM "
			"market.log_head h, market.witness w, market.contribution k WHERE h.log = "
			"'journal' AND w.name = 'witness-0' AND k.draw_id = '%s' AND k.round IS "
			"NOT NULL",
			key, after, draw);
}

/* A draw whose beacon is awaited, its witness having spoken. */
static const char *
beacon_awaited(struct choice *w, const char *beacon)
{
	const char *project, *draw;
	struct pg_answer a;

	(void)choice_witness(w, 0);
	pg_run(w->pg,
		"INSERT INTO market.setting VALUES ('beacons', 'drand nist'), ('nist_pulse', "
		"'1000 ' || (extract(epoch FROM api.now())::bigint / 60 * 60)), ('beacon_delay', "
		"'120')");
	project = choice_open(w, "draw",
		choice_text(w, ",\"witnesses\":[\"witness-0\"],\"beacon\":\"%s\"", beacon));
	draw = choice_text(w, "%s.1", project);
	for (int i = 0; i < 3; i++) {
		a = choice_signup(w, project, i);
		choice_accepts(&a, 201);
	}
	pg_clock_set(w->pg, pg_value(w->pg, "SELECT deadline_at FROM market.project"));
	a = choice_freeze(w, draw);
	ck_assert_str_eq(a.code, "");
	a = choice_contribute(w, draw, w->owner);
	choice_accepts(&a, 200);
	a = choice_give(w, draw, PULSE_INDEX - 1, w->agency[0], choice_proof(w, draw, 0));
	choice_refuses(&a, "forbidden", "draw.contributor");
	pg_run(w->pg,
		"UPDATE market.contribution SET value = sha256(''), proof = '\\x00', at = "
		"api.now() "
		"WHERE index = 3; DO $$ BEGIN PERFORM api.draw_said(d, 3, '-', api.now()) FROM "
		"market.draw d; END $$");
	return draw;
}

START_TEST(a_pulse_is_stored_with_the_bytes_that_hash_to_its_value)
{
	struct choice *w = choice_new();
	const char *draw = beacon_awaited(w, "nist");
	struct pg_answer a;

	a = pulse_write(w, draw, "sha512('p')", "'p'::bytea");
	choice_refuses(&a, "rule", "draw.beacon-time");
	pg_clock_move(w->pg, "10 minutes");
	a = pulse_write(w, draw, "sha512('p')", NULL);
	choice_refuses(&a, "conflict", "draw.value");
	a = pulse_write(w, draw, "sha512('p')", "'q'::bytea");
	choice_refuses(&a, "conflict", "draw.value");
	a = pulse_write(w, draw, "sha256('p')", "'p'::bytea");
	choice_refuses(&a, "conflict", "draw.value");
	a = pulse_write(w, draw, "sha512(convert_to(repeat('p', 2049), 'UTF8'))",
		"convert_to(repeat('p', 2049), 'UTF8')");
	choice_refuses(&a, "conflict", "draw.value");
	/* Nobody saw value 3; then somebody else did, the witness too late, the witness in time. */
	seen(w, draw, NULL, "-1 s");
	a = pulse_write(w, draw, "sha512('p')", "'p'::bytea");
	choice_refuses(&a, "rule", "draw.beacon-seen");
	seen(w, draw, "sha256('another')", "-1 s");
	a = pulse_write(w, draw, "sha512('p')", "'p'::bytea");
	choice_refuses(&a, "rule", "draw.beacon-seen");
	seen(w, draw, "cosign_key", "0 s");
	a = pulse_write(w, draw, "sha512('p')", "'p'::bytea");
	choice_refuses(&a, "rule", "draw.beacon-seen");
	seen(w, draw, "cosign_key", "-1 s");
	/* As far as the result, which is missing here. */
	a = pulse_write(w, draw, "sha512(convert_to(repeat('p', 2048), 'UTF8'))",
		"convert_to(repeat('p', 2048), 'UTF8')");
	choice_refuses(&a, "conflict", "TR6");
	choice_free(&w);
}
END_TEST

START_TEST(a_round_of_drand_is_stored_with_the_signature_that_hashes_to_its_value)
{
	struct choice *w = choice_new();
	const char *draw = beacon_awaited(w, "drand");
	struct pg_answer a;

	seen(w, draw, "cosign_key", "-1 s");
	a = pulse_write(w, draw, "sha256('p')", "'p'::bytea");
	choice_refuses(&a, "rule", "draw.beacon-time");
	pg_clock_move(w->pg, "10 minutes");
	a = pulse_write(w, draw, "sha256('p')", NULL);
	choice_refuses(&a, "conflict", "draw.value");
	a = pulse_write(w, draw, "sha256('p')", "'q'::bytea");
	choice_refuses(&a, "conflict", "draw.value");
	a = pulse_write(w, draw, "sha512('p')", "'p'::bytea");
	choice_refuses(&a, "conflict", "draw.value");
	/* As far as the result, which is missing here. */
	a = pulse_write(w, draw, "sha256('p')", "'p'::bytea");
	choice_refuses(&a, "conflict", "TR6");
	choice_free(&w);
}
END_TEST

/* The freeze as it was read, with zeros for roots, which the database does not compute; but for one
 * parameter. */
static struct pg_answer
freeze_but(struct witnessed *d, const struct pg_answer *v, const char *param, const char *value)
{
	const char *name[] = {"version", "candidates", "excluded", "signups", "freeze",
		"freeze_hash", "public_key"};
	const char *at[7];

	for (int i = 0; i < 4; i++)
		at[i] = PQgetvalue(v->rows, 0, PQfnumber(v->rows, name[i]));
	at[4] = strcmp(param, "freeze") == 0 ? value
					     : PQgetvalue(v->rows, 0, PQfnumber(v->rows, "draft"));
	at[5] = pg_value(d->w->pg, "SELECT sha256(convert_to('%s', 'UTF8'))", at[4]);
	at[6] = pg_value(
		d->w->pg, "SELECT public_key FROM market.draw_key WHERE name = 'operator'");
	for (int i = 0; i < 7; i++)
		if (strcmp(name[i], param) == 0)
			at[i] = value;
	return pg_call(d->w->pg, d->w->pg->writer, SQL_draw_freeze_write, "subject", d->draw,
		name[0], at[0], name[1], at[1], name[2], at[2], name[3], at[3], name[4], at[4],
		name[5], at[5], name[6], at[6], "value", "\\x00", "proof", "\\x00", NULL);
}

START_TEST(a_freeze_is_written_once_and_as_it_was_read_in_every_part)
{
	struct witnessed d = witnessed_new();
	struct pg_answer v =
		pg_call(d.w->pg, d.w->pg->reader, SQL_draw_freeze_read, "subject", d.draw, NULL);
	struct pg_answer a = freeze_but(&d, &v, "version", "77");

	choice_refuses(&a, "conflict", "TR4");
	a = freeze_but(&d, &v, "signups", "");
	choice_refuses(&a, "conflict", "TR4");
	a = freeze_but(&d, &v, "freeze_hash", "\\x00");
	choice_refuses(&a, "conflict", "TR4");
	a = freeze_but(&d, &v, "public_key", "\\x00");
	choice_refuses(&a, "rule", "draw.key");
	pg_run(d.w->pg,
		"UPDATE market.draw_key SET retired_at = api.now() WHERE name = 'witness-1'");
	a = freeze_but(&d, &v, "", NULL);
	choice_refuses(&a, "rule", "draw.key");
	pg_run(d.w->pg, "UPDATE market.draw_key SET retired_at = NULL WHERE name = 'witness-1'");
	a = freeze_but(&d, &v, "", NULL);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	a = freeze_but(&d, &v, "", NULL);
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "f");
	choice_free(&d.w);
}
END_TEST

/* What was read before the deadline lists somebody who has withdrawn since. */
START_TEST(a_freeze_of_whom_it_lists_although_withdrawn_is_refused)
{
	struct witnessed d = witnessed_new();
	struct pg_answer v, a;

	pg_clock_move(d.w->pg, "-1 second");
	v = pg_call(d.w->pg, d.w->pg->reader, SQL_draw_freeze_read, "subject", d.draw, NULL);
	choice_done(d.w, 200, SQL_signup_withdraw, d.w->agency[0],
		pg_value(d.w->pg, "SELECT id FROM market.signup WHERE agency_id = '%s'",
			d.w->agency_id[0]),
		1, NULL);
	pg_clock_move(d.w->pg, "1 second");
	a = freeze_but(&d, &v, "", NULL);
	choice_refuses(&a, "conflict", "TR4");
	choice_free(&d.w);
}
END_TEST

/* Round of drand that comes first at the clock of the market and so many seconds. */
static long long
round_after(struct choice *w, int seconds)
{
	return pg_number(w->pg,
		"SELECT ceil((extract(epoch FROM api.now()) + %d - 1692803367) / 3)::bigint + 1",
		seconds);
}

/* The freeze as it was read, but that it waits for this round. */
static struct pg_answer
freeze_for(struct witnessed *d, const struct pg_answer *v, long long round)
{
	return freeze_but(d, v, "freeze",
		pg_value(d->w->pg,
			"SELECT regexp_replace('%s', E' [0-9]+\nclose', E' %lld\nclose')",
			PQgetvalue(v->rows, 0, PQfnumber(v->rows, "draft")), round));
}

/* Whoever freezes knows no round of the beacon yet, and others have two minutes to speak. */
START_TEST(a_freeze_waits_for_a_round_that_is_still_to_come)
{
	struct choice *w = choice_new();
	struct witnessed d;
	struct pg_answer v, a;
	long long least;

	pg_run(w->pg, "INSERT INTO market.setting VALUES ('beacons', 'drand')");
	d = witnessed_with(w, ",\"beacon\":\"drand\"");
	least = round_after(w, 120); /* after the close */
	v = pg_call(w->pg, w->pg->reader, SQL_draw_freeze_read, "subject", d.draw, NULL);
	a = freeze_for(&d, &v, least - 1);
	choice_refuses(&a, "conflict", "TR4");
	pg_clock_move(w->pg, "10 minutes");
	a = freeze_for(&d, &v, least);
	choice_refuses(&a, "conflict", "TR4");
	a = freeze_for(&d, &v, round_after(w, 0) - 1);
	choice_refuses(&a, "conflict", "TR4");
	a = freeze_for(&d, &v, round_after(w, 0));
	ck_assert_str_eq(a.code, "");
	ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), "t");
	choice_free(&w);
}
END_TEST

/* Else whoever speaks before it would know what comes out. */
START_TEST(no_value_before_the_beacon_is_taken_when_its_round_has_come)
{
	struct choice *w = choice_new();
	struct witnessed d;
	struct pg_answer a;

	pg_run(w->pg,
		"INSERT INTO market.setting VALUES ('beacons', 'drand'), ('beacon_delay', '120')");
	d = witnessed_with(w, ",\"beacon\":\"drand\"");
	frozen(&d);
	pg_clock_set(w->pg,
		pg_value(w->pg,
			"SELECT api.beacon_time(kind, round) FROM market.contribution "
			"WHERE round IS NOT NULL"));
	a = choice_contribute(w, d.draw, w->owner);
	choice_refuses(&a, "late", "draw.beacon-time");
	pg_clock_move(w->pg, "-1 microsecond");
	owner_opens(&d);
	pg_clock_move(w->pg, "1 microsecond");
	a = choice_give(w, d.draw, 3, d.witness[1], choice_proof(w, d.draw, 1));
	choice_refuses(&a, "late", "draw.beacon-time");
	choice_free(&w);
}
END_TEST

SUITE(contribution, values_come_in_the_order_of_the_record_and_the_last_gives_the_result,
	a_value_is_given_by_its_own_witness_only,
	a_value_takes_a_key_with_the_role_of_its_contributor,
	a_witness_is_announced_and_its_key_old_enough,
	a_key_retired_before_the_freeze_is_not_frozen,
	the_markets_witnesses_are_those_of_a_draw_that_names_none,
	a_witness_that_is_silent_is_named_and_waited_for,
	a_late_witness_is_named_before_the_timer_has_run,
	a_freeze_that_differs_from_its_draft_is_refused,
	a_pulse_is_stored_with_the_bytes_that_hash_to_its_value,
	a_round_of_drand_is_stored_with_the_signature_that_hashes_to_its_value,
	a_freeze_is_written_once_and_as_it_was_read_in_every_part,
	a_freeze_of_whom_it_lists_although_withdrawn_is_refused,
	a_freeze_waits_for_a_round_that_is_still_to_come,
	no_value_before_the_beacon_is_taken_when_its_round_has_come)
