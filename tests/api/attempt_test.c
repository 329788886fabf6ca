/* Witnesses that stall, beacons, voids that witnesses sign, and the attempt that follows, over the
 * interface of a daemon that is killed between any two steps. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/draw/draw.h"
#include "lib/draw/verify.h"
#include "proto/op.h"
#include "tests/api/contributor.h"
#include "tests/api/life.h"
#include "tests/api/second.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

enum {
	SIGNATURE_HEX = 96,
	LEVEL_WITNESSED = 2
};

struct flags {
	char check[1024];
	const char *at[7];
};

/* What checks a beacon: a script of the source folder. */
struct checker {
	const char *program, *script, *wait;
};
static const struct checker stub = {"/bin/sh", "tests/api/beacon.sh", "1s"};
static const struct checker quicknet = {"/usr/bin/env node", "verify/bin/drand-check.js", "60s"};
static const struct checker *checker = &stub;

/* The daemon's flags with a beacon that can be checked. */
static const char *const *
flags(void)
{
	static struct flags f;

	(void)snprintf(f.check, sizeof f.check, "%s %s/%s", checker->program,
		getenv("FAIRLOT_SOURCE"), checker->script);
	f.at[0] = "--draw.beacon_check";
	f.at[1] = f.check;
	f.at[2] = "--draw.beacon_delay";
	f.at[3] = "120s";
	f.at[4] = "--draw.beacon_wait";
	f.at[5] = checker->wait;
	return f.at;
}

/* SIGKILL, and all goes on where it was. */
static void
killed(struct scene *s)
{
	daemon_kill(s->daemon);
	daemon_restart(s->daemon, flags());
	(void)snprintf(s->client->address, sizeof s->client->address, "%s", s->daemon->tls);
	client_reopen(s->client);
}

static struct scene *
stage(void)
{
	struct scene *s = scene_new("demo");

	announce(s, 0, WITNESS);
	announce(s, 1, AUDITOR);
	announce(s, 2, STRANGER);
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

static const char *
signed_by(struct scene *s, const char *request, uint8_t change)
{
	const char *record = scene_look(s, scene_text(s, "/v1/voids/%s", request), "/record");
	uint8_t sig[SIGN_LEN];
	char hex[2 * SIGN_LEN + 1];

	sign_make(cosign_seed, text_of(record), sig);
	sig[0] = (uint8_t)(sig[0] ^ change);
	hex_encode(sig, sizeof sig, hex);
	return scene_text(s, "{\"signature\":\"%s\"}", hex);
}

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
	scene_refused(s, WITNESS, sign, NULL, signed_by(s, request, 1), "rule", "void.signature");
	scene_does(s, WITNESS, sign, NULL, signed_by(s, request, 0));
	ck_assert_str_eq(scene_member(s, "/state"), "confirmed");
	killed(s);
	scene_does(s, WITNESS, sign, NULL, signed_by(s, request, 0));
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
	scene_refused(s, AUDITOR, given(s, draw, 4), NULL, proof_of(s, draw, 1), "forbidden", "");
	scene_does(s, NOBODY, scene_text(s, "GET %s/transcript", path), NULL, NULL);
	ck_assert_ptr_nonnull(memmem(s->last.body.at, s->last.body.len,
		"attempt-1/void-signatures.txt", strlen("attempt-1/void-signatures.txt")));
	ck_assert_ptr_nonnull(memmem(s->last.body.at, s->last.body.len, "attempt-2/freeze.txt",
		strlen("attempt-2/freeze.txt")));
	second_verifies(s, draw, VERDICT_INCOMPLETE, 0);
	scene_does(s, STRANGER, given(s, draw, 4), NULL, proof_of(s, draw, 2));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	second_verifies(s, draw, VERDICT_INCOMPLETE, LEVEL_WITNESSED);
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* --- a beacon --- */

static const char *
beacon(struct scene *s, char digit)
{
	char hex[SIGNATURE_HEX + 1] = "";

	memset(hex, digit, SIGNATURE_HEX);
	return scene_text(s, "{\"value\":\"%s\"}", hex);
}

START_TEST(beacon_is_brought_by_anyone_and_checked_before_it_is_stored)
{
	struct scene *s = stage();
	const char *project = drawing(s, ",\"witnesses\":[\"witness-0\"],\"beacon\":\"drand\"");
	const char *draw = scene_text(s, "%s.1", project),
		   *path = scene_text(s, "/v1/draws/%s", draw);

	ck_assert_str_eq(scene_look(s, path, "/level"), "L3");
	ck_assert_str_eq(scene_look(s, path, "/contributions/3/name"), "quicknet");
	owner_opens(s, draw, life_r(s, draw));
	scene_refused(
		s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'a'), "wrong-state", "draw.order");
	scene_does(s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 0));
	ck_assert_str_eq(scene_member(s, "/awaited"), "quicknet");
	scene_refused(
		s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'a'), "rule", "draw.beacon-time");
	pg_clock_move(s->pg, "124 seconds");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'c'), "rule", "draw.beacon");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'b'), "busy", "");
	killed(s);
	ck_assert_str_eq(scene_look(s, path, "/awaited"), "quicknet");
	scene_does(s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'a'));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	scene_does(s, AGENCY + 1, given(s, draw, 4), NULL, beacon(s, 'a'));
	invariants_hold(s->pg);
	scene_free(&s);
}
END_TEST

/* The round of tests/vectors/draw.json, as quicknet signed it, checked by the second verifier's
 * program on behalf of the daemon and by the second verifier in the transcript.  Nobody cosigned,
 * so it gives no level of its own. */
START_TEST(round_that_quicknet_signed_is_taken_and_verified)
{
	static const char signature[] = "b7a6d29a93f17085866bf67bed95be9c3b46fd74e7cab12b"
					"bf91340f27d99ecc83bc5d46ff4b2b4c6f28aa975bf69fcc";
	const char *project, *draw;
	struct scene *s;

	if (!second_is_there())
		return;
	checker = &quicknet;
	s = stage();
	pg_run(s->pg, "UPDATE market.certificate SET expires_on = '2027-12-31'");
	pg_clock_set(s->pg, "2026-08-31T18:43:12Z");
	project = drawing(s, ",\"witnesses\":[\"witness-0\"],\"beacon\":\"drand\"");
	draw = scene_text(s, "%s.1", project);
	owner_opens(s, draw, life_r(s, draw));
	scene_does(s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 0));
	pg_clock_move(s->pg, "124 seconds");
	scene_refused(s, AGENCY, given(s, draw, 4), NULL, beacon(s, 'a'), "rule", "draw.beacon");
	scene_does(
		s, AGENCY, given(s, draw, 4), NULL, scene_text(s, "{\"value\":\"%s\"}", signature));
	ck_assert_str_eq(scene_member(s, "/state"), "drawn");
	second_verifies_beacon(s, draw, VERDICT_INCOMPLETE, LEVEL_WITNESSED);
	scene_free(&s);
	checker = &stub;
}
END_TEST

/* A value of before must not be chosen after. */
START_TEST(nobody_speaks_after_the_round_of_the_beacon)
{
	struct scene *s = stage();
	const char *project = drawing(s, ",\"witnesses\":[\"witness-0\"],\"beacon\":\"drand\"");
	const char *draw = scene_text(s, "%s.1", project);

	owner_opens(s, draw, life_r(s, draw));
	pg_clock_move(s->pg, "124 seconds");
	scene_refused(s, WITNESS, given(s, draw, 3), NULL, proof_of(s, draw, 0), "late",
		"draw.beacon-time");
	scene_free(&s);
}
END_TEST

SUITE(attempt, values_are_checked_and_stand_when_the_daemon_dies,
	witness_that_stalls_is_replaced_in_the_next_attempt,
	beacon_is_brought_by_anyone_and_checked_before_it_is_stored,
	round_that_quicknet_signed_is_taken_and_verified,
	nobody_speaks_after_the_round_of_the_beacon)
