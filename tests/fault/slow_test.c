/* What is slow, small or full: readers, windows, arenas, places for tasks; and clocks that jump. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/op.h"
#include "tests/fault/course.h"
#include "tests/fault/hurt.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 20000,
	STEPS_MAX = 16,
	TRANSFERS = 60000 /* some 8 MB of CSV */
};

static struct scene *scene;

static struct scene *
scene_there(void)
{
	if (scene == NULL)
		scene = scene_new("demo");
	return scene;
}

static struct client *
client_of(int who)
{
	struct client *c = client_new(scene->daemon->plain, false);

	(void)snprintf(c->key, sizeof c->key, "%s", scene->key[who]);
	ck_assert_int_eq(client_call(c, "GET", "/v1/me", "", NULL).status, 200);
	return c;
}

/* --- memory --- */

/* Whatever step it is: the request fails alone, or its write was confirmed before and stays. */
START_TEST(request_over_its_memory_at_any_step_fails_alone_or_is_done)
{
	static const struct {
		const char *method, *target;
	} rows[] = {{"GET", "/v1/items"}, {"GET", "/v1/statistics"}, {"POST", "/v1/projects"},
		{"GET", "/v1/ledger.csv"}};
	bool post = strcmp(rows[_i].method, "POST") == 0, hit = true;
	int refused = 0;
	struct client *c;
	struct answer a;

	(void)scene_there();
	c = client_of(_i == 3 ? AUDITOR : OWNER);
	for (int k = 1; hit; k++) {
		const char *body = post ? life_body(scene, "draw", NULL, "") : NULL;
		const char *fields =
			post ? arena_printf(&c->arena, "Idempotency-Key: full-%d\r\n", k) : "";

		ck_assert_int_le(k, STEPS_MAX);
		hurt_arm(scene->daemon, "arena_step", k);
		a = client_call(c, rows[_i].method, rows[_i].target, fields, body);
		hit = hurt_was_hit(scene->daemon, "arena_step");
		hurt_arm(scene->daemon, "arena_step", 0);
		/* A stream that has begun can only be cut. */
		ck_assert_msg(a.status == 413 || a.status / 100 == 2 || (_i == 3 && a.status == 0),
			"step %d: %d", k, a.status);
		refused += a.status == 413;
		a = client_call(c, rows[_i].method, rows[_i].target, fields, body);
		ck_assert_int_eq(a.status / 100, 2);
	}
	ck_assert_int_ge(refused, 2);
	client_free(&c);
	invariants_hold(scene->pg);
}
END_TEST

/* --- readers --- */

/* A window of two kilobytes: the kernel takes answers in small pieces, each at another place. */
START_TEST(answer_in_short_writes_is_whole)
{
	struct client *c;
	struct text whole;
	char *got;
	size_t len = 0;
	int small = 2048;

	(void)scene_there();
	c = client_of(OWNER);
	whole = client_call(c, "GET", "/openapi.json", "", NULL).body;
	client_reopen(c);
	ck_assert_int_eq(setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	client_ask(c, "GET", "/openapi.json", "", NULL);
	got = calloc(1, whole.len + 65536);
	ck_assert_ptr_nonnull(got);
	while (len < whole.len + 100) {
		ssize_t n = recv(c->fd, got + len, 1777, 0);

		ck_assert_int_gt(n, 0);
		len += (size_t)n;
		if (len > whole.len && memcmp(got + len - whole.len, whole.at, whole.len) == 0)
			break;
	}
	ck_assert_msg(memcmp(got + len - whole.len, whole.at, whole.len) == 0, "other bytes");
	free(got);
	client_free(&c);
}
END_TEST

/* Transfers of no order, past every constraint: only their number matters here. */
static void
transfers_make(struct pg *pg)
{
	pg_run(pg, "SET session_replication_role = replica");
	pg_run(pg,
		"INSERT INTO market.account (owner_id, agency_id, order_id, fund, kind) VALUES "
		"('o', '-', 'x', 'fiscal', 'budget_committed'), "
		"('o', '-', 'x', 'fiscal', 'budget_contra')");
	pg_run(pg,
		"INSERT INTO market.transfer (id, at, event, group_id, project_id, order_id, fund, "
		"debit_id, credit_id, amount_fen, recorded_at) SELECT 'trf_' || i, api.now(), "
		"'budget', 'g', 'prj_x', '-', 'fiscal', (SELECT min(id) FROM market.account), "
		"(SELECT max(id) FROM market.account), 100, api.now() FROM generate_series(1, %d) "
		"i",
		TRANSFERS);
	pg_run(pg, "SET session_replication_role = DEFAULT");
}

/* The reader stops after the head: the export waits, others are served; then it goes away. */
START_TEST(export_of_a_reader_that_stops_and_goes_holds_nothing)
{
	struct client *c, *other;
	int64_t memory, batches;
	int small = 4096;

	transfers_make(scene_there()->pg);
	other = client_of(OWNER);
	c = client_of(AUDITOR);
	ck_assert_int_eq(setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	hurt_idle(scene->daemon);
	memory = hurt_memory_kib(scene->daemon->pid);
	batches = hurt_figure(scene->daemon, "db_batches_total");
	client_ask(c, "GET", "/v1/ledger.csv", "", NULL);
	ck_assert(client_wait(c, SOON_MS));
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(client_call(other, "GET", "/v1/regions", "", NULL).status, 200);
	/* 200 reads and some looks for timers; of the 60 pages only what a socket holds. */
	ck_assert_int_lt(hurt_figure(scene->daemon, "db_batches_total") - batches, 200 + 60);
	ck_assert_int_lt(hurt_memory_kib(scene->daemon->pid) - memory, 40000);
	ck_assert_int_ge(hurt_figure(scene->daemon, "tasks"), 2);
	client_free(&c);
	hurt_idle(scene->daemon);
	client_free(&other);
}
END_TEST

/* --- places --- */

enum {
	PLACES = 16,
	CROWD = 40
};

static bool
places_are_taken(void *arg)
{
	return hurt_figure(arg, "tasks") >= PLACES;
}

/* At its limit a loop reads no further requests; each is answered when places are free again. */
START_TEST(requests_beyond_the_places_wait_unread)
{
	static const char *const flags[] = {"--loops", "1", "--task.limit", "16", NULL};
	struct client *c[CROWD];
	struct daemon *d;

	d = daemon_new(scene_there()->pg, flags);
	for (int i = 0; i < CROWD; i++) {
		c[i] = client_new(d->plain, false);
		(void)snprintf(c[i]->key, sizeof c[i]->key, "%s", scene->key[OWNER]);
	}
	pg_run(scene->pg, "BEGIN");
	pg_run(scene->pg, "LOCK TABLE market.project IN EXCLUSIVE MODE");
	for (int i = 0; i < CROWD; i++)
		client_ask(c[i], "POST", "/v1/projects", "", life_body(scene, "draw", NULL, ""));
	ck_assert(until(places_are_taken, d, SOON_MS));
	/* Besides: the question itself, a look for timers, requests read in the same turn. */
	ck_assert_int_lt(hurt_figure(d, "tasks"), PLACES + 8);
	pg_run(scene->pg, "COMMIT");
	for (int i = 0; i < CROWD; i++) {
		struct answer a = client_answer(c[i], false);

		ck_assert_msg(a.status == 201 || a.status == 503, "%d", a.status);
		client_free(&c[i]);
	}
	hurt_idle(d);
	daemon_free(&d);
}
END_TEST

/* --- the clock --- */

static const char *
bid_at(int agency, const char *auction, int fen)
{
	scene_does(scene, AGENCY + agency, scene_text(scene, "POST /v1/auctions/%s/bids", auction),
		NULL, scene_text(scene, "{\"amount_fen\":%d}", fen));
	return scene_member(scene, "/at");
}

/* A bid is never earlier than the one before it, and an hour lost is an hour not judged. */
START_TEST(clock_that_jumps_back_an_hour_keeps_the_order_of_bids)
{
	const char *project, *auction, *first, *second;

	project = life_open(scene_there(), "auction", NULL, "");
	for (int i = 0; i < 3; i++)
		(void)life_signup(scene, project, i);
	life_pass(scene, project, "/deadline_at", "selecting");
	auction = scene_look(scene, scene_text(scene, "/v1/projects/%s", project), "/auction_id");
	first = bid_at(0, auction, 9000000);
	pg_clock_move(scene->pg, "-1 hour");
	second = bid_at(1, auction, 8000000);
	ck_assert_int_ge(strcmp(second, first), 0);
	pg_clock_move(scene->pg, "1 hour");
	(void)bid_at(2, auction, 7000000);
	invariants_hold(scene->pg);
	pg_clock_move(scene->pg, "1 hour");
	life_until(scene, project, "selected");
	life_pass(scene, project, "/standstill_until", "awarded");
	ck_assert_int_eq(life_agency(scene, project, 0), 2);
	invariants_hold(scene->pg);
}
END_TEST

/* What was closed stays closed when the clock is an hour before its deadline again. */
START_TEST(clock_that_jumps_on_and_back_opens_nothing_again)
{
	const char *project = life_open(scene_there(), "draw", NULL, "");

	for (int i = 0; i < 3; i++)
		(void)life_signup(scene, project, i);
	pg_clock_move(scene->pg, "59 minutes");
	life_until(scene, project, "selecting");
	pg_clock_move(scene->pg, "-1 hour");
	scene_refused(scene, AGENCY + 3, scene_text(scene, "POST /v1/projects/%s/signups", project),
		NULL, NULL, "wrong-state", "");
	life_contribute(scene,
		scene_look(scene, scene_text(scene, "/v1/projects/%s", project), "/draw_id"));
	pg_clock_move(scene->pg, "1 hour");
	life_until(scene, project, "awarded");
	invariants_hold(scene->pg);
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	scene_free(&scene);
}
END_TEST

SUITE(slow, suite_loop(request_over_its_memory_at_any_step_fails_alone_or_is_done, 4),
	answer_in_short_writes_is_whole, clock_that_jumps_back_an_hour_keeps_the_order_of_bids,
	clock_that_jumps_on_and_back_opens_nothing_again, requests_beyond_the_places_wait_unread,
	export_of_a_reader_that_stops_and_goes_holds_nothing, daemon_ends_with_status_0)
