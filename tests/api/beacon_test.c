/* A draw that waits for a round of drand: with the checker of verify/ and a real round, and with
 * one that hangs, crashes, or has too much to do. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/beacon.h"
#include "lib/draw/verify.h"
#include "tests/api/beacon.h"
#include "tests/api/life.h"
#include "tests/api/second.h"
#include "tests/api/witness.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SIGNATURE_HEX = 96
};

static struct witness xiehui;

/* The daemon keeps the journal, which witnesses see before the round comes. */
static struct scene *
stage(const char *check, const char *wait)
{
	static char lock[96];
	static const char *own[] = {"--log.lock_file", lock, NULL};
	struct scene *s = scene_new("demo");
	const char *stand_in[] = {"--draw.beacon_check", check, "--draw.beacon_delay", "120s",
		"--draw.beacon_wait", wait, own[0], own[1], NULL};

	(void)snprintf(lock, sizeof lock, "%s/log.lock", s->daemon->folder);
	ck_assert_int_eq(daemon_stop(s->daemon), 0);
	scene_restart(s, check == NULL ? beacon_flags(own) : stand_in);
	(void)beacon_before(s);
	witness_make(&xiehui, "xiehui", WITNESS, 1);
	witness_announce(s, &xiehui);
	return s;
}

static const char *
given(struct scene *s, const char *draw, int index)
{
	return scene_text(s, "PUT /v1/draws/%s/contributions/%d", draw, index);
}

/* A draw of three agencies that waits for the round. */
static const char *
draw_spoken(struct scene *s)
{
	const char *project = life_open(
			   s, "draw", NULL, ",\"witnesses\":[\"xiehui\"],\"beacon\":\"drand\""),
		   *draw = scene_text(s, "%s.1", project);

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	(void)witness_cosign(s, &xiehui);
	scene_does(s, OWNER, given(s, draw, 2), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)));
	(void)witness_cosign(s, &xiehui);
	witness_contribute(s, &xiehui, draw, 3);
	ck_assert_str_eq(scene_member(s, "/awaited"), "quicknet");
	return draw;
}

/* The same, and a witness knows. */
static const char *
draw_before(struct scene *s)
{
	const char *draw = draw_spoken(s);

	(void)witness_cosign(s, &xiehui);
	return draw;
}

START_TEST(a_round_of_drand_speaks_last_and_is_verified)
{
	struct scene *s = stage(NULL, NULL);
	const char *draw = draw_before(s), *path = scene_text(s, "/v1/draws/%s", draw);
	char other[2 * SIGNATURE_HEX];

	ck_assert_str_eq(scene_look(s, path, "/level"), "L3");
	ck_assert_str_eq(scene_look(s, path, "/contributions/3/name"), "quicknet");
	scene_refused(
		s, AGENCY, given(s, draw, 4), NULL, beacon_value(s), "rule", "draw.beacon-time");
	beacon_comes(s);
	(void)snprintf(other, sizeof other, "%s", beacon_value(s));
	other[SIGNATURE_HEX / 2] = other[SIGNATURE_HEX / 2] == '0' ? '1' : '0';
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, other, "rule", "draw.beacon");
	scene_does(s, AGENCY, given(s, draw, 4), NULL, beacon_value(s));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	scene_does(s, AGENCY + 1, given(s, draw, 4), NULL, beacon_value(s));
	life_transcript_of(s, draw, 3, 3);
	/* The journal's proofs show that a witness knew before the round. */
	second_verifies_beacon(s, draw, VERDICT_INCOMPLETE, 3);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* What nobody outside saw before the round might have been chosen after it.  The way out is a void
 * that names the beacon; the next attempt is without one. */
START_TEST(no_round_is_taken_unless_a_witness_saw_what_came_before)
{
	struct scene *s = stage(NULL, NULL);
	const char *draw = draw_spoken(s), *path = scene_text(s, "/v1/draws/%s", draw), *request;

	beacon_comes(s);
	(void)witness_cosign(s, &xiehui); /* in the very second of the round */
	scene_refused(
		s, AGENCY, given(s, draw, 4), NULL, beacon_value(s), "rule", "draw.beacon-seen");
	pg_clock_set(s->pg, scene_look(s, path, "/stall_at"));
	scene_until(s, "quicknet", "SELECT stalled FROM market.draw WHERE id = '%s'", draw);
	scene_does(s, OPERATOR,
		scene_text(s, "POST /v1/projects/%s/voids", scene_look(s, path, "/project_id")),
		NULL, "{\"reason\":\"contributor-stalled\",\"stalled\":\"quicknet\"}");
	request = scene_member(s, "/id");
	scene_does(s, REVIEWER, scene_text(s, "POST /v1/voids/%s/confirmation", request),
		scene_member(s, "/version"), NULL);
	ck_assert_str_eq(scene_member(s, "/owed/0"), "xiehui");
	scene_does(s, WITNESS, scene_text(s, "PUT /v1/voids/%s/signatures", request), NULL,
		witness_signature(s, &xiehui, request, 0));
	ck_assert_str_eq(scene_look(s, path, "/state"), "requested");
	ck_assert_str_eq(scene_look(s, path, "/beacon"), "");
	ck_assert_str_eq(scene_look(s, path, "/witnesses/0"), "xiehui");
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* A value of before must not be chosen after. */
START_TEST(nobody_speaks_after_the_round_of_the_beacon)
{
	struct scene *s = stage(NULL, NULL);
	const char *project =
		life_open(s, "draw", NULL, ",\"witnesses\":[\"xiehui\"],\"beacon\":\"drand\"");
	const char *draw = scene_text(s, "%s.1", project);

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	(void)witness_cosign(s, &xiehui);
	scene_does(s, OWNER, given(s, draw, 2), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)));
	(void)witness_cosign(s, &xiehui);
	beacon_comes(s);
	scene_refused(s, WITNESS, given(s, draw, 3), NULL, witness_value(s, &xiehui, draw), "late",
		"draw.beacon-time");
	scene_free(&s);
}
END_TEST

/* --- a checker that fails --- */

static const char *
signature(struct scene *s, char digit)
{
	char hex[SIGNATURE_HEX + 1] = "";

	memset(hex, digit, SIGNATURE_HEX);
	return scene_text(s, "{\"value\":\"%s\"}", hex);
}

struct asked {
	struct scene *s;
	const char *draw;
};

static bool
is_too_much(void *arg)
{
	const struct asked *q = arg;

	scene_ask(q->s, AGENCY, given(q->s, q->draw, 4), NULL, signature(q->s, 'a'));
	return strcmp(scene_member(q->s, "/code"), "busy") == 0;
}

/* While as many hang as may run, the next is told to come again.  False when a look came between
 * them and took a place itself, so that one less hangs. */
static bool
too_many_are_told(void *arg)
{
	const struct asked *q = arg;
	const char *target = scene_text(q->s, "/v1/draws/%s/contributions/4", q->draw);
	struct client *c[BEACON_RUNNING_MAX];
	bool told = false;

	for (int i = 0; i < BEACON_RUNNING_MAX; i++) {
		c[i] = client_new(q->s->daemon->tls, true);
		memcpy(c[i]->key, q->s->key[AGENCY], sizeof q->s->key[AGENCY]);
	}
	for (int i = 0; i < BEACON_RUNNING_MAX; i++)
		client_ask(c[i], "PUT", target, "", signature(q->s, 'b'));
	for (int i = 0; i < 100 && !told; i++)
		told = is_too_much(arg);
	for (int i = 0; i < BEACON_RUNNING_MAX; i++) {
		ck_assert_int_eq(client_answer(c[i], false).status, 503);
		client_free(&c[i]);
	}
	return told;
}

START_TEST(a_checker_that_says_nothing_decides_nothing)
{
	struct scene *s;
	char check[1024];
	const char *draw;

	(void)snprintf(
		check, sizeof check, "/bin/sh %s/tests/api/beacon.sh", getenv("FAIRLOT_SOURCE"));
	s = stage(check, "4s");
	draw = draw_before(s);
	beacon_comes(s);
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, signature(s, 'a'), "rule", "draw.beacon");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, signature(s, 'b'), "busy", "draw.beacon");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, signature(s, 'c'), "busy", "draw.beacon");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, signature(s, 'd'), "busy", "draw.beacon");
	ck_assert(until(too_many_are_told, &(struct asked){s, draw}, SCENE_WAIT_MS));
	ck_assert_str_eq(
		scene_look(s, scene_text(s, "/v1/draws/%s", draw), "/awaited"), "quicknet");
	/* Another checker, and it goes on. */
	daemon_kill(s->daemon);
	scene_restart(s, beacon_flags(NULL));
	scene_does(s, AGENCY, given(s, draw, 4), NULL, beacon_value(s));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

SUITE_WHERE(beacon, second_is_there(), a_round_of_drand_speaks_last_and_is_verified,
	no_round_is_taken_unless_a_witness_saw_what_came_before,
	nobody_speaks_after_the_round_of_the_beacon, a_checker_that_says_nothing_decides_nothing)
