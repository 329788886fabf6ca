/* The cut sweep: before each request of a whole course, for k = 1, 2, …, the wire to the database
 * is cut at the request's k-th passing of a point, and the client repeats with the same
 * Idempotency-Key, until a repeat meets no cut.  The timers are cut likewise.  Afterwards the
 * market holds what a course without any cut leaves, not more and not less. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "proto/op.h"
#include "tests/fault/course.h"
#include "tests/fault/hurt.h"
#include "tests/support/invariant.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	POINTS = 3,
	COURSES = MODE_COUNT * POINTS,
	CUTS_MAX = 12, /* batches of one request, with room for attempts without a connection */
	SETTLE_MS = 20000
};

static const struct {
	const char *request, *job;
	bool unsent; /* the server has not seen the batch */
} points[POINTS] = {
	{"db_before_send", "job_before_send", true},
	{"db_after_sync", "job_after_sync", false},
	{"db_before_result", "job_before_result", false},
};

static struct scene *scene;
static const char *without[MODE_COUNT]; /* what a course of this mode leaves */
static const char *point;		/* of requests */
static bool unsent;
static int requests, cuts, keys;

static struct scene *
scene_there(void)
{
	if (scene == NULL)
		scene = course_scene();
	return scene;
}

/* --- one request --- */

struct call {
	struct client *c;
	const char *method, *target, *fields, *body, *key;
	struct answer answer;
	bool known; /* a cut came after which the write may have been done */
};

static bool
code_is(const struct call *call, const char *code)
{
	return call->answer.status != 0 &&
		strcmp(answer_member(call->c, &call->answer, "/code"), code) == 0;
}

/* While its lane has no connection, or the batch that was cut still runs, the answer is to try
 * again. */
static bool
has_answer(void *arg)
{
	struct call *call = arg;

	call->answer = client_call(call->c, call->method, call->target, call->fields, call->body);
	ck_assert_int_ne(call->answer.status, 0);
	return hurt_was_hit(scene->daemon, point) ||
		!(code_is(call, "busy") || code_is(call, "idempotency-key-in-flight") ||
			code_is(call, "conflict"));
}

static int64_t
claims(const struct call *call)
{
	return pg_number(
		scene->pg, "SELECT count(*) FROM market.idempotency WHERE key = '%s'", call->key);
}

/* A cut is told as what it is: "busy" means that nothing was done. */
static void
cut_holds(struct call *call)
{
	ck_assert_msg(call->answer.status == 503, "%s %s: %d " TEXT_FMT, call->method, call->target,
		call->answer.status, TEXT_ARG(call->answer.body));
	ck_assert(text_is(answer_field(&call->answer, "Retry-After"), "1"));
	if (code_is(call, "outcome-unknown")) {
		ck_assert(!unsent);
		call->known = true;
	} else
		ck_assert(code_is(call, "busy"));
	if (call->key != NULL && !call->known)
		ck_assert_int_eq(claims(call), 0);
	invariants_hold(scene->pg);
}

/* A change under If-Match has no key: the client looks whether it is done. */
static void
look_again(struct call *call)
{
	const char *slash = strrchr(call->target, '/');

	ck_assert_msg(call->known, "%s %s is stale", call->method, call->target);
	call->answer = client_call(call->c, "GET",
		arena_printf(&call->c->arena, "%.*s", (int)(slash - call->target), call->target),
		"", NULL);
}

static void
answer_holds(const struct call *call)
{
	ck_assert_msg(call->answer.status / 100 == 2, "%s %s: %d " TEXT_FMT, call->method,
		call->target, call->answer.status, TEXT_ARG(call->answer.body));
	if (call->key != NULL)
		ck_assert_int_eq(pg_number(scene->pg,
					 "SELECT status FROM market.idempotency WHERE key = '%s'",
					 call->key),
			call->answer.status);
}

static bool
takes_key(const char *method, const char *target)
{
	struct route r;

	return strcmp(method, "POST") == 0 &&
		route_find(POST, text_of(target), &r) == ROUTE_FOUND && (r.op->flags & OP_KEY) != 0;
}

static struct answer
cut_call(struct client *c, const char *method, const char *target, const char *fields,
	const char *body)
{
	struct call call = {c, method, target, fields, body, NULL, {0}, false};
	int k = 1;

	if (takes_key(method, target)) {
		call.key = arena_printf(&c->arena, "sweep-%d", ++keys);
		call.fields =
			arena_printf(&c->arena, "%sIdempotency-Key: %s\r\n", fields, call.key);
	}
	for (;; k++) {
		ck_assert_int_le(k, CUTS_MAX);
		hurt_arm(scene->daemon, point, k);
		ck_assert(until(has_answer, &call, SETTLE_MS));
		if (!hurt_was_hit(scene->daemon, point))
			break;
		cut_holds(&call);
		cuts++;
	}
	ck_assert_int_gt(k, 1); /* each request asks the database at least once */
	hurt_arm(scene->daemon, point, 0);
	if (call.answer.status == 412 && call.key == NULL)
		look_again(&call);
	answer_holds(&call);
	requests++;
	return call.answer;
}

/* --- a course --- */

static int64_t descriptors; /* of the daemon between two courses */

static bool
descriptors_are_back(void *arg)
{
	(void)arg;
	return hurt_descriptors(scene->daemon->pid) <= descriptors;
}

static const char *
course_without_cuts(enum mode mode)
{
	struct course c = {.s = scene_there()};

	if (without[mode] == NULL) {
		course_mark(scene);
		course_run(&c, mode);
		without[mode] = course_done(scene);
	}
	return without[mode];
}

START_TEST(course_cut_at_every_batch_ends_as_one_without_cuts)
{
	enum mode mode = (enum mode)(_i / POINTS);
	struct course c = {.s = scene_there(), .job_point = points[_i % POINTS].job};
	const char *expected;

	if (!course_can(mode)) {
		printf("%s is left out: the packages of verify/ are not installed\n",
			course_name(mode));
		return;
	}
	expected = course_without_cuts(mode);
	point = points[_i % POINTS].request;
	unsent = points[_i % POINTS].unsent;
	requests = cuts = 0;
	hurt_idle(scene->daemon);
	descriptors = hurt_descriptors(scene->daemon->pid);
	course_mark(scene);
	scene->client->instead = cut_call;
	course_run(&c, mode);
	scene->client->instead = NULL;
	ck_assert_str_eq(course_done(scene), expected);
	ck_assert(journal_settles(scene->pg, SETTLE_MS));
	journal_holds(scene->pg, NULL);
	hurt_idle(scene->daemon);
	ck_assert_int_eq(hurt_figure(scene->daemon, "db_lanes_ready") % 3, 0);
	ck_assert(until(descriptors_are_back, NULL, SETTLE_MS));
	ck_assert_int_ge(c.job_cuts, 2);
	printf("%s, %s: %d requests, %d cuts; timers %d cuts\n", course_name(mode), point, requests,
		cuts, c.job_cuts);
}
END_TEST

/* --- the sweep would show it --- */

static const char *
draft(int key)
{
	struct answer a;

	a = client_call(scene->client, "POST", "/v1/projects",
		scene_text(scene, "Idempotency-Key: control-%d\r\n", key),
		life_body(scene, "draw", NULL, ""));
	return a.status == 201 ? "done" : answer_member(scene->client, &a, "/code");
}

/* Then the first batch of its next request is the write. */
static void
owner_is_known(void)
{
	scene_does(scene, OWNER, "GET /v1/me", NULL, NULL);
}

static bool
is_done(void *arg)
{
	return strcmp(draft(*(const int *)arg), "done") == 0;
}

START_TEST(without_its_key_a_repeated_write_is_done_twice)
{
	int key = 1;

	(void)course_without_cuts(MODE_DRAW);
	owner_is_known();
	course_mark(scene);
	hurt_arm(scene->daemon, "db_before_result", 1);
	ck_assert_str_eq(draft(key), "outcome-unknown");
	hurt_arm(scene->daemon, "key_lost", 1);
	ck_assert(until(is_done, &key, SETTLE_MS));
	ck_assert_str_eq(course_done(scene), "project draft: 2");
}
END_TEST

/* A draft whose loss the daemon hides.  What is cut may be a timer's result, or that of a batch
 * before the draft, which then is lost as a whole: the next draft is looked at. */
static bool
is_claimed(void *arg)
{
	int *key = arg;

	++*key;
	hurt_arm(scene->daemon, "loss_hidden", 1);
	hurt_arm(scene->daemon, "db_before_result", 1);
	return strcmp(draft(*key), "busy") == 0 &&
		pg_number(scene->pg,
			"SELECT count(*) FROM market.idempotency WHERE key = 'control-%d'",
			*key) == 1;
}

START_TEST(hidden_loss_is_seen_by_the_claimed_key)
{
	int key = 1;

	(void)course_without_cuts(MODE_DRAW);
	owner_is_known();
	ck_assert(until(is_claimed, &key, SETTLE_MS));
	ck_assert(until(is_done, &key, SETTLE_MS));
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	scene_free(&scene);
}
END_TEST

SUITE(sweep, suite_loop(course_cut_at_every_batch_ends_as_one_without_cuts, COURSES),
	without_its_key_a_repeated_write_is_done_twice, hidden_loss_is_seen_by_the_claimed_key,
	daemon_ends_with_status_0)
