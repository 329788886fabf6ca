/* A draw whose last word is a pulse of NIST's beacon, here one with the key of tests/vectors/nist:
 * over the interface of a real daemon, by the program that brings it, to the two that verify it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/folder.h"
#include "lib/base/hex.h"
#include "lib/draw/verify.h"
#include "tests/api/contributor.h"
#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/unit/draw/pulse_make.h"

enum {
	FIRST = 1000, /* of the reference */
	MINUTE = 60,
	LEVEL_WITNESSED = 2
};

/* 2024-03-01T00:00:00Z, an hour before the scene's present. */
#define FIRST_AT (INT64_C(1709251200) * UTC_SECOND)

static const char *
certificate(struct scene *s, const char *name)
{
	return scene_text(s, "%s/tests/vectors/nist/%s", getenv("FAIRLOT_SOURCE"), name);
}

static void
restart_with(struct scene *s, const char *const *flags)
{
	daemon_kill(s->daemon);
	daemon_restart(s->daemon, flags);
	(void)snprintf(s->client->address, sizeof s->client->address, "%s", s->daemon->tls);
	client_reopen(s->client);
}

static void
restart(struct scene *s, const char *pem)
{
	const char *flags[] = {"--draw.beacon_delay", "120s", "--log.lock_file",
		scene_text(s, "%s/log.lock", s->daemon->folder), "--draw.nist_certificate", pem,
		"--draw.nist_pulse", "1000 2024-03-01T00:00:00.000Z", NULL};

	if (pem == NULL)
		flags[4] = NULL;
	restart_with(s, flags);
}

struct stage {
	struct scene *s;
	const char *draw, *path;
	uint64_t number;
};

/* Everybody but the beacon has spoken. */
static struct stage
stage(void)
{
	struct stage g = {.s = scene_new("demo")};

	announce(g.s, 0, WITNESS);
	restart(g.s, certificate(g.s, "made_certificate.pem"));
	g.draw = scene_text(
		g.s, "%s.1", drawing(g.s, ",\"witnesses\":[\"witness-0\"],\"beacon\":\"nist\""));
	g.path = scene_text(g.s, "/v1/draws/%s", g.draw);
	ck_assert_str_eq(scene_look(g.s, g.path, "/level"), "L2");
	ck_assert_str_eq(scene_look(g.s, g.path, "/contributions/3/name"), "2");
	g.number = strtoull(scene_look(g.s, g.path, "/contributions/3/round"), NULL, 10);
	ck_assert(journal_settles(g.s->pg, SCENE_WAIT_MS));
	owner_opens(g.s, g.draw, life_r(g.s, g.draw));
	ck_assert(journal_settles(g.s->pg, SCENE_WAIT_MS));
	scene_does(g.s, WITNESS, given(g.s, g.draw, 3), NULL, proof_of(g.s, g.draw, 0));
	ck_assert_str_eq(scene_member(g.s, "/awaited"), "2");
	witness_knows(g.s, g.draw, -1);
	return g;
}

/* The frozen pulse; a test changes it before it is signed. */
static struct pulse
frozen(const struct stage *g)
{
	struct pulse p;

	pulse_make(&g->s->client->arena, 2, g->number,
		(struct utc){FIRST_AT + (int64_t)(g->number - FIRST) * MINUTE * UTC_SECOND}, 7, &p);
	return p;
}

static const char *
body(const struct stage *g, struct text bytes)
{
	char *hex = arena_alloc(&g->s->client->arena, 2 * bytes.len + 1);

	hex_encode((const uint8_t *)bytes.at, bytes.len, hex);
	return scene_text(g->s, "{\"value\":\"%s\"}", hex);
}

static const char *
signed_body(const struct stage *g, const struct pulse *p)
{
	return body(g, pulse_sign(&g->s->client->arena, p));
}

static void
refused(const struct stage *g, const char *value, const char *rule)
{
	scene_refused(g->s, AGENCY, given(g->s, g->draw, 4), NULL, value, "rule", rule);
	ck_assert_str_eq(scene_look(g->s, g->path, "/contributions/3/value"), "");
	ck_assert_str_eq(scene_look(g->s, g->path, "/state"), "contributing");
}

/* The program ends with this status. */
static void
ends_with(struct scene *s, int status, const char *arguments)
{
	const char *line = scene_text(
		s, "%s %s >%s/out 2>&1", getenv("FAIRLOT"), arguments, s->daemon->folder);
	pid_t pid = fork();
	int how;

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &how, 0), pid);
	ck_assert_msg(
		WIFEXITED(how) && WEXITSTATUS(how) == status, "%s: %d", line, WEXITSTATUS(how));
}

static struct verify_report
verified(const struct stage *g, const char *pem)
{
	struct arena *a = &g->s->client->arena;
	struct verify_options options = {.draw_only = true};
	struct verify_report r;
	struct folder folder;
	const char *why;

	if (pem != NULL)
		options.nist_certificate = pulse_file(a, pem);
	scene_does(
		g->s, NOBODY, scene_text(g->s, "GET /v1/draws/%s/transcript", g->draw), NULL, NULL);
	ck_assert_msg(folder_of_tar(a, g->s->last.body, &folder, &why), "%s", why);
	draw_verify(a, folder.files, folder.count, &options, &r);
	return r;
}

START_TEST(pulse_is_brought_by_anyone_and_checked_before_it_is_stored)
{
	struct stage g = stage();
	struct pulse p = frozen(&g);
	struct text sound = pulse_sign(&g.s->client->arena, &p), cut = sound;
	const char *good = body(&g, sound);
	struct verify_report r;

	refused(&g, good, "draw.beacon-time"); /* its minute has not come */
	pg_clock_move(g.s->pg, "10 minutes");
	cut.len = 64;
	refused(&g, body(&g, cut), "beacon-form");
	cut.len = sound.len - 1;
	refused(&g, body(&g, cut), "beacon-form");
	p.number++;
	refused(&g, signed_body(&g, &p), "draw.beacon");
	p = frozen(&g);
	p.chain = 1;
	refused(&g, signed_body(&g, &p), "draw.beacon");
	p = frozen(&g);
	p.status = 3;
	refused(&g, signed_body(&g, &p), "draw.beacon");
	p = frozen(&g);
	p.certificate = p.local;
	refused(&g, signed_body(&g, &p), "draw.beacon");
	p = frozen(&g);
	p.signature = text_span(sound.at + sound.len - 256, 256);
	p.local = p.precommitment;
	refused(&g, body(&g, pulse_build(&g.s->client->arena, &p)), "draw.beacon");
	scene_refused(g.s, NOBODY, given(g.s, g.draw, 4), NULL, good, "unauthorized", "");
	restart(g.s, NULL);
	refused(&g, good, "draw.beacon");
	restart(g.s, certificate(g.s, "made_certificate.pem"));
	scene_does(g.s, AGENCY, given(g.s, g.draw, 4), NULL, good);
	ck_assert_str_eq(scene_member(g.s, "/state"), "drawn");
	restart(g.s, NULL);
	scene_does(g.s, AGENCY + 1, given(g.s, g.draw, 4), NULL, good);
	r = verified(&g, "made_certificate.pem");
	ck_assert_int_eq(r.verdict, VERDICT_HOLDS);
	ck_assert_uint_eq(r.attempts[0].draw.candidates.count, 3);
	ck_assert_int_eq(r.level, LEVEL_WITNESSED);
	ck_assert(!r.beacon_left);
	r = verified(&g, NULL);
	ck_assert_int_eq(r.verdict, VERDICT_INCOMPLETE);
	ck_assert(r.beacon_left);
	r = verified(&g, "certificate.pem");
	ck_assert_int_eq(r.verdict, VERDICT_FAILED);
	ck_assert_int_eq(r.attempts[0].rows[CHECK_BEACON].state, VERIFY_FAILS);
	invariants_hold(g.s->pg);
	scene_free(&g.s);
}
END_TEST

/* Where the reference is wrong, a pulse that was public before the others spoke stays out. */
START_TEST(pulse_from_before_its_time_is_refused)
{
	struct stage g = stage();
	struct pulse p = frozen(&g);
	/* All pulses would have come an hour earlier. */
	const char *wrong[] = {"--draw.nist_certificate", certificate(g.s, "made_certificate.pem"),
		"--draw.nist_pulse", "1000 2024-02-29T23:00:00Z", "--log.lock_file",
		scene_text(g.s, "%s/log.lock", g.s->daemon->folder), NULL};

	pg_clock_move(g.s->pg, "10 minutes");
	p.time = text_of("2024-03-01T01:02:02.999Z"); /* the close is 01:00:03 */
	refused(&g, signed_body(&g, &p), "draw.beacon-time");
	p.time = text_of("2024-03-01T01:02:59.999Z"); /* it is counted to come at 01:03:00 */
	refused(&g, signed_body(&g, &p), "draw.beacon-time");
	restart_with(g.s, wrong);
	journal_put(g.s->pg, "x", 1); /* the witness sees another checkpoint, an hour earlier */
	witness_knows(g.s, g.draw, -1);
	p.time = text_of("2024-03-01T01:02:02.999Z");
	refused(&g, signed_body(&g, &p), "draw.beacon-time");
	p.time = text_of("2024-03-01T01:09:00.000Z");
	p.status = 2; /* late, as after a gap */
	scene_does(g.s, AGENCY, given(g.s, g.draw, 4), NULL, signed_body(&g, &p));
	ck_assert_str_eq(scene_member(g.s, "/state"), "drawn");
	scene_free(&g.s);
}
END_TEST

static void
put_hex(FILE *f, const char *before, struct text bytes)
{
	fprintf(f, "%s\"", before);
	for (size_t i = 0; i < bytes.len; i++)
		fprintf(f, "%02X", (uint8_t)bytes.at[i]);
	fputc('"', f);
}

/* As NIST would answer it. */
static void
json_write(const char *path, const struct pulse *p, struct text bytes)
{
	static const char *const types[PULSE_LINKS] = {"previous", "hour", "day", "month", "year"};
	FILE *f = fopen(path, "w");
	uint8_t value[HASH512_LEN];
	struct pulse read;

	ck_assert_ptr_nonnull(f);
	ck_assert(pulse_parse(bytes, &read));
	hash512_of(bytes, value);
	fprintf(f,
		"{\"pulse\":{\"uri\":\"" TEXT_FMT "\",\"version\":\"" TEXT_FMT
		"\",\"cipherSuite\":0,\"period\":60000,\"chainIndex\":2,\"pulseIndex\":%llu,"
		"\"timeStamp\":\"" TEXT_FMT "\",\"statusCode\":%u,\"listValues\":[",
		TEXT_ARG(p->uri), TEXT_ARG(p->version), (unsigned long long)p->number,
		TEXT_ARG(p->time), p->status);
	for (size_t i = 0; i < PULSE_LINKS; i++) {
		fprintf(f, "%s{\"type\":\"%s\"", i == 0 ? "" : ",", types[i]);
		put_hex(f, ",\"value\":", p->links[i]);
		fputc('}', f);
	}
	put_hex(f, "],\"certificateId\":", p->certificate);
	put_hex(f, ",\"localRandomValue\":", p->local);
	put_hex(f, ",\"external\":{\"statusCode\":0,\"sourceId\":", p->external_source);
	put_hex(f, ",\"value\":", p->external_value);
	put_hex(f, "},\"precommitmentValue\":", p->precommitment);
	put_hex(f, ",\"signatureValue\":", read.signature);
	put_hex(f, ",\"outputValue\":", text_span((const char *)value, sizeof value));
	fputs("}}\n", f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(program_brings_a_pulse_and_verifies_it_with_the_certificate)
{
	struct stage g = stage();
	const char *file = scene_text(g.s, "%s/pulse.json", g.s->daemon->folder),
		   *folder = scene_text(g.s, "%s/transcript", g.s->daemon->folder),
		   *made = certificate(g.s, "made_certificate.pem"),
		   *real = certificate(g.s, "certificate.pem"), *who;
	struct pulse p = frozen(&g);

	who = scene_text(g.s, "--url https://%s --ca %s/tls/cert.pem --key %s", g.s->daemon->tls,
		g.s->daemon->folder, g.s->key[AGENCY]);
	pg_clock_move(g.s->pg, "10 minutes");
	p.number++;
	json_write(file, &p, pulse_sign(&g.s->client->arena, &p));
	ends_with(g.s, 1, scene_text(g.s, "%s draw pulse %s %s", who, file, g.draw));
	p.number--;
	json_write(file, &p, pulse_sign(&g.s->client->arena, &p));
	ends_with(g.s, 1,
		scene_text(
			g.s, "%s draw pulse %s %s --nist-certificate %s", who, file, g.draw, real));
	ck_assert_str_eq(scene_look(g.s, g.path, "/state"), "contributing");
	ends_with(g.s, 0,
		scene_text(
			g.s, "%s draw pulse %s %s --nist-certificate %s", who, file, g.draw, made));
	ck_assert_str_eq(scene_look(g.s, g.path, "/state"), "drawn");
	ends_with(g.s, 0, scene_text(g.s, "%s draw fetch %s %s", who, g.draw, folder));
	ends_with(g.s, 3, scene_text(g.s, "verify %s --draw-only", folder));
	ends_with(g.s, 0,
		scene_text(g.s, "verify %s --draw-only --nist-certificate %s", folder, made));
	ends_with(g.s, 1,
		scene_text(g.s, "verify %s --draw-only --nist-certificate %s", folder, real));
	ends_with(g.s, 2,
		scene_text(g.s, "verify %s --draw-only --nist-certificate %s", folder, file));
	scene_free(&g.s);
}
END_TEST

SUITE(nist, pulse_is_brought_by_anyone_and_checked_before_it_is_stored,
	pulse_from_before_its_time_is_refused,
	program_brings_a_pulse_and_verifies_it_with_the_certificate)
