/* Witnesses that stall, voids that witnesses sign, and the attempt that follows, over the interface
 * of a daemon that is killed between any two steps. */
#include <check.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/draw/verify.h"
#include "tests/api/life.h"
#include "tests/api/second.h"
#include "tests/api/witness.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

enum {
	LEVEL_WITNESSED = 2
};

static struct witness witnesses[SCENE_WITNESSES];

/* SIGKILL, and all goes on where it was. */
static void
killed(struct scene *s)
{
	daemon_kill(s->daemon);
	scene_restart(s, NULL);
}

static const char *
proof_of(struct scene *s, const char *draw, int n)
{
	return witness_value(s, &witnesses[n], draw);
}

static const char *
given(struct scene *s, const char *draw, int index)
{
	return scene_text(s, "PUT /v1/draws/%s/contributions/%d", draw, index);
}

/* A draw of three agencies, frozen. */
static const char *
drawing(struct scene *s, const char *more)
{
	const char *project = life_open(s, "draw", NULL, more);

	for (int i = 0; i < 3; i++)
		(void)life_signup(s, project, i);
	life_pass(s, project, "/deadline_at", "selecting");
	return project;
}

static void
owner_opens(struct scene *s, const char *draw, const char *r)
{
	scene_does(s, OWNER, given(s, draw, 2), NULL, scene_text(s, "{\"value\":\"%s\"}", r));
	ck_assert_str_eq(scene_member(s, "/state"), "contributing");
}

static struct scene *
stage(void)
{
	struct scene *s = scene_new("demo");

	for (int i = 0; i < SCENE_WITNESSES; i++) {
		witness_make(
			&witnesses[i], scene_text(s, "witness-%d", i), WITNESS + i, (unsigned)i);
		witness_announce(s, &witnesses[i]);
	}
	killed(s);
	return s;
}

/* --- what is refused, and the same value again --- */

START_TEST(values_are_checked_and_stand_when_the_daemon_dies)
{
	struct scene *s = stage();
	const char *project = drawing(s, ",\"witnesses\":[\"witness-0\"]"), *first;
	const char *draw = scene_text(s, "%s.1", project);

	scene_refused(s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 0), "wrong-state",
		"draw.order");
	killed(s);
	owner_opens(s, draw, life_r(s, draw));
	killed(s);
	owner_opens(s, draw, life_r(s, draw));
	first = proof_of(s, draw, 0);
	scene_refused(s, NOBODY, given(s, draw, 3), NULL, first, "unauthorized", "");
	scene_refused(s, OWNER, given(s, draw, 3), NULL, first, "forbidden", "");
	scene_refused(
		s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 1), "rule", "vrf-proof");
	scene_refused(s, WITNESS, given(s, draw, 3), NULL,
		scene_text(s, "{\"value\":\"%s\"}", life_r(s, draw)), "rule", "vrf-length");
	scene_refused(s, WITNESS, given(s, draw, 3), NULL,
		scene_text(s, "{\"value\":\"%0*d\"}", 2 * VRF_PROOF_LEN, 0), "rule", "vrf-gamma");
	scene_refused(s, WITNESS, given(s, draw, 3), NULL,
		scene_text(s, "{\"value\":\"%0*d\"}", 2 * VRF_PROOF_LEN + 1, 0), "bad-input",
		"/value");
	scene_does(s, WITNESS, given(s, draw, 3), NULL, first);
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	killed(s);
	scene_does(s, WITNESS, given(s, draw, 3), NULL, first);
	scene_refused(s, WITNESS, given(s, draw, 3), NULL,
		scene_text(s, "{\"value\":\"%0*d\"}", 2 * VRF_PROOF_LEN, 0), "duplicate",
		"draw.once");
	life_transcript_of(s, draw, 3, LEVEL_WITNESSED);
	second_verifies(s, draw, VERDICT_INCOMPLETE, LEVEL_WITNESSED);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* --- a stall, its void, the next attempt --- */

static void
void_whole(struct scene *s, const char *project)
{
	const char *request, *sign;

	scene_does(s, OPERATOR, scene_text(s, "POST /v1/projects/%s/voids", project), NULL,
		"{\"reason\":\"contributor-stalled\",\"stalled\":\"witness-1\","
		"\"replacement\":\"witness-2\"}");
	request = scene_member(s, "/id");
	scene_does(s, REVIEWER, scene_text(s, "POST /v1/voids/%s/confirmation", request),
		scene_member(s, "/version"), NULL);
	ck_assert_str_eq(scene_member(s, "/state"), "signing");
	ck_assert_str_eq(scene_member(s, "/owed/0"), "witness-0");
	killed(s);
	sign = scene_text(s, "PUT /v1/voids/%s/signatures", request);
	scene_refused(s, WITNESS, sign, NULL, witness_signature(s, &witnesses[0], request, 1),
		"rule", "void.signature");
	scene_does(s, WITNESS, sign, NULL, witness_signature(s, &witnesses[0], request, 0));
	ck_assert_str_eq(scene_member(s, "/state"), "confirmed");
	killed(s);
	scene_does(s, WITNESS, sign, NULL, witness_signature(s, &witnesses[0], request, 0));
	ck_assert_str_eq(scene_member(s, "/state"), "confirmed");
}

/* The owner's new commitment, and the freeze that follows. */
static void
attempt_begin(struct scene *s, const char *project, const char *draw, const uint8_t *r)
{
	struct hash c = commitment_of(text_of(draw), text_of("owner"), r);
	const char *path = scene_text(s, "/v1/projects/%s", project);
	char hex[2 * HASH_LEN + 1];

	scene_refused(s, OWNER, scene_text(s, "PUT %s/commitment", path),
		scene_look(s, path, "/version"),
		scene_text(s, "{\"commitment\":\"%s\"}", scene_look(s, path, "/commitment")),
		"duplicate", "draw.commitment");
	hex_encode(c.at, HASH_LEN, hex);
	scene_does(s, OWNER, scene_text(s, "PUT %s/commitment", path),
		scene_look(s, path, "/version"), scene_text(s, "{\"commitment\":\"%s\"}", hex));
	scene_until(s, "contributing",
		"SELECT state FROM market.draw WHERE id = '%s' ORDER BY attempt DESC LIMIT 1",
		draw);
}

START_TEST(witness_that_stalls_is_replaced_in_the_next_attempt)
{
	struct scene *s = stage();
	const char *project = drawing(s, ",\"witnesses\":[\"witness-0\",\"witness-1\"]"), *old;
	const char *draw = scene_text(s, "%s.1", project),
		   *path = scene_text(s, "/v1/draws/%s", draw);
	const uint8_t r[CONTRIBUTION_R_LEN] = {5};
	char hex[2 * CONTRIBUTION_R_LEN + 1];

	owner_opens(s, draw, life_r(s, draw));
	old = proof_of(s, draw, 0);
	scene_does(s, WITNESS, given(s, draw, 3), NULL, old);
	ck_assert_str_eq(scene_member(s, "/awaited"), "witness-1");
	pg_clock_set(s->pg, scene_look(s, path, "/stall_at"));
	scene_until(s, "witness-1", "SELECT stalled FROM market.draw WHERE id = '%s'", draw);
	void_whole(s, project);
	ck_assert_str_eq(scene_look(s, path, "/state"), "requested");
	attempt_begin(s, project, draw, r);
	killed(s);
	hex_encode(r, sizeof r, hex);
	owner_opens(s, draw, hex);
	/* What was said in another attempt says nothing in this one. */
	scene_refused(s, WITNESS, given(s, draw, 3), NULL, old, "rule", "vrf-proof");
	scene_does(s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 0));
	ck_assert_str_eq(scene_member(s, "/awaited"), "witness-2");
	scene_refused(
		s, WITNESS + 1, given(s, draw, 4), NULL, proof_of(s, draw, 1), "forbidden", "");
	scene_does(s, NOBODY, scene_text(s, "GET %s/transcript", path), NULL, NULL);
	ck_assert_ptr_nonnull(memmem(s->last.body.at, s->last.body.len,
		"attempt-1/void-signatures.txt", strlen("attempt-1/void-signatures.txt")));
	ck_assert_ptr_nonnull(memmem(s->last.body.at, s->last.body.len, "attempt-2/freeze.txt",
		strlen("attempt-2/freeze.txt")));
	second_verifies(s, draw, VERDICT_INCOMPLETE, 0);
	scene_does(s, WITNESS + 2, given(s, draw, 4), NULL, proof_of(s, draw, 2));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	life_transcript_of(s, draw, 3, LEVEL_WITNESSED);
	second_verifies(s, draw, VERDICT_INCOMPLETE, LEVEL_WITNESSED);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

SUITE(attempt, values_are_checked_and_stand_when_the_daemon_dies,
	witness_that_stalls_is_replaced_in_the_next_attempt)
