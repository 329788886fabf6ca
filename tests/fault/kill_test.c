/* Deaths without warning: the daemon, the private PostgreSQL, the signer; and the two signals that
 * must cost nobody anything, SIGTERM and SIGHUP under load. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/folder.h"
#include "lib/base/must.h"
#include "proto/op.h"
#include "tests/fault/course.h"
#include "tests/fault/hurt.h"
#include "tests/support/chance.h"
#include "tests/support/folder.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	KILLS = 3,     /* of each course */
	DELAY_MS = 12, /* at most, from the request to the kill */
	SOON_MS = 20000
};

static struct scene *scene;

static struct scene *
scene_there(void)
{
	if (scene == NULL)
		scene = course_scene();
	return scene;
}

/* What the dead daemon asked last is done, only the sessions of the test are left, and its lease on
 * the journal is over: the clock of the market stands. */
static void
restart(void)
{
	scene_until(scene, "3",
		"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
		" AND backend_type = 'client backend'");
	pg_run(scene->pg, "UPDATE market.log_head SET lease_until = '-infinity'");
	scene_restart(scene, course_flags(scene));
}

/* --- the daemon --- */

static int kills, keys, until_next;

/* Fewer events between two kills: each course has room for three. */
static const int spaces[MODE_COUNT] = {9, 9, 9, 3, 5, 2, 2, 5};
static int space;

static const char draw_entries[] = "SELECT string_agg(encode(entry, 'escape'), '' ORDER BY id) FROM"
				   " market.outbox WHERE subject = '%s'";

static bool
is_time(void)
{
	if (kills == KILLS || until_next-- > 0)
		return false;
	until_next = (int)chance_below((uint64_t)space);
	kills++;
	return true;
}

/* What was asked may have been done, or not; its answer is gone in most cases. */
static void
kill_in_flight(void)
{
	(void)client_wait(scene->client, (int)chance_below(DELAY_MS));
	daemon_kill(scene->daemon);
	restart();
}

static struct answer
killed_call(struct client *c, const char *method, const char *target, const char *fields,
	const char *body)
{
	bool post = strcmp(method, "POST") == 0, dies = is_time();
	struct answer a;

	if (post)
		fields = arena_printf(&c->arena, "%sIdempotency-Key: kill-%d\r\n", fields, ++keys);
	if (dies) {
		client_ask(c, method, target, fields, body);
		kill_in_flight();
	}
	do
		a = client_call(c, method, target, fields, body);
	while (a.status == 503 || (a.status == 409 && dies));
	if (a.status == 412 && dies && !post)
		a = client_call(c, "GET",
			arena_printf(
				&c->arena, "%.*s", (int)(strrchr(target, '/') - target), target),
			"", NULL);
	return a;
}

static void
killed_timer(struct course *c)
{
	(void)c;
	if (is_time())
		kill_in_flight();
}

/* The second half of a course goes on twice from one moment, and what anyone can compare is the
 * same to the byte: the records of the draw, not the proofs, whose checkpoints come as they
 * come. */
static void
twins_agree(struct scene *s, struct scene *twin, const char *draw)
{
	struct arena *a = &s->client->arena;
	const char *target = scene_text(s, "GET /v1/draws/%s/transcript", draw), *why;
	struct folder one, other;

	scene_does(s, NOBODY, target, NULL, NULL);
	scene_does(twin, NOBODY, target, NULL, NULL);
	ck_assert(folder_of_tar(a, s->last.body, &one, &why));
	ck_assert(folder_of_tar(a, twin->last.body, &other, &why));
	ck_assert_uint_eq(one.count, other.count);
	for (size_t i = 0; i < one.count; i++) {
		const struct verify_file *f = &one.files[i], *g = &other.files[i];

		ck_assert(text_eq(f->name, g->name));
		if (memmem(f->name.at, f->name.len, ".tlog-proof", strlen(".tlog-proof")) == NULL)
			ck_assert_msg(text_eq(f->bytes, g->bytes), TEXT_FMT, TEXT_ARG(f->name));
	}
	ck_assert_str_eq(
		pg_value(s->pg, draw_entries, draw), pg_value(twin->pg, draw_entries, draw));
}

static void
course_with_twin(enum mode mode)
{
	struct course c = {.s = scene, .disturb = killed_timer}, other;
	struct scene *twin;

	scene->client->instead = killed_call;
	course_begin(&c, mode);
	scene->client->instead = NULL;
	ck_assert_int_eq(daemon_stop(scene->daemon), 0);
	course_mark(scene);
	twin = scene_twin(scene);
	restart();
	scene_restart(twin, course_flags(twin));
	other = c;
	other.s = twin;
	other.disturb = NULL;
	course_end(&other, mode);
	scene->client->instead = killed_call;
	course_end(&c, mode);
	scene->client->instead = NULL;
	ck_assert_str_eq(course_done(scene), course_done(twin));
	twins_agree(scene, twin, c.draw);
	scene_free(&twin);
}

static void
course_twice(enum mode mode)
{
	struct course c = {.s = scene};
	const char *without;

	course_mark(scene);
	course_run(&c, mode);
	without = course_done(scene);
	course_mark(scene);
	c.disturb = killed_timer;
	scene->client->instead = killed_call;
	course_run(&c, mode);
	scene->client->instead = NULL;
	ck_assert_str_eq(course_done(scene), without);
}

START_TEST(a_course_under_kills_ends_as_one_without)
{
	enum mode mode = (enum mode)_i;

	if (!course_can(mode))
		return;
	if (scene == NULL)
		chance_begin();
	(void)scene_there();
	kills = 0;
	space = spaces[mode];
	until_next = (int)chance_below((uint64_t)space);
	if (mode < MODE_WITNESS)
		course_twice(mode);
	else
		course_with_twin(mode);
	invariants_hold(scene->pg);
	ck_assert_int_eq(kills, KILLS);
}
END_TEST

/* --- the signer --- */

static pid_t
child_of(pid_t parent)
{
	char path[80];
	long pid = 0;
	FILE *f;

	(void)snprintf(
		path, sizeof path, "/proc/%ld/task/%ld/children", (long)parent, (long)parent);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld", &pid), 1);
	(void)fclose(f);
	return (pid_t)pid;
}

static bool
is_signed_up(void *arg)
{
	return pg_number(scene->pg, "SELECT count(*) FROM market.signup WHERE project_id = '%s'",
		       (const char *)arg) == 1;
}

/* Standard error into a file, for the daemons that start until it is given back. */
static int
log_begin(char *path)
{
	int kept = dup(STDERR_FILENO), fd = mkstemp(path);

	ck_assert(kept >= 0 && fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	(void)close(fd);
	return kept;
}

static bool
log_end(int kept, const char *path, const char *wanted)
{
	char text[65536];
	size_t len;
	FILE *f;

	ck_assert_int_eq(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	(void)close(kept);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	len = fread(text, 1, sizeof text - 1, f);
	text[len] = '\0';
	(void)fclose(f);
	(void)unlink(path);
	return strstr(text, wanted) != NULL;
}

static int
end_of(struct daemon *d)
{
	int status;

	ck_assert_int_eq(waitpid(d->pid, &status, 0), d->pid);
	d->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* It is stopped first, so that the sign-up waits for its receipt when it dies. */
START_TEST(death_of_the_signer_ends_the_daemon_and_the_repeat_gets_its_receipt)
{
	char log[] = "/tmp/fairlot-log-XXXXXX";
	struct client *c = scene_there()->client;
	const char *project = life_open(scene, "draw", NULL, ""), *target;
	int kept = log_begin(log);
	struct answer a;
	pid_t signer;

	ck_assert_int_eq(daemon_stop(scene->daemon), 0);
	restart();
	signer = child_of(scene->daemon->pid);
	ck_assert_int_eq(kill(signer, SIGSTOP), 0);
	target = scene_text(scene, "/v1/projects/%s/signups", project);
	(void)snprintf(c->key, sizeof c->key, "%s", scene->key[AGENCY]);
	client_ask(c, "POST", target, "Idempotency-Key: signer\r\n", NULL);
	ck_assert(until(is_signed_up, (void *)(uintptr_t)project, SOON_MS));
	ck_assert_int_eq(kill(signer, SIGKILL), 0);
	a = client_answer(c, false);
	ck_assert_int_eq(a.status, 503);
	ck_assert_str_eq(answer_member(c, &a, "/code"), "outcome-unknown");
	ck_assert_int_eq(end_of(scene->daemon), 1);
	restart();
	ck_assert(log_end(kept, log, "\"child_died\",\"child\":\"signer\""));
	scene->last = client_call(c, "POST", target, "Idempotency-Key: signer\r\n", NULL);
	ck_assert_int_eq(scene->last.status, 201);
	ck_assert(text_is(answer_field(&scene->last, "Idempotency-Replayed"), "true"));
	life_receipt(scene, "signup", scene_member(scene, "/draw_id"));
}
END_TEST

/* --- the private PostgreSQL --- */

/* The market of an embedded server, as its superuser. */
static struct pg *
inside(const char *dir)
{
	struct pg *in = calloc(1, sizeof *in);

	must(in != NULL);
	arena_init(&in->arena, SIZE_MAX / 2);
	in->super = PQconnectdb(arena_printf(
		&in->arena, "host='%s/pg' port=5432 user=postgres dbname=postgres", dir));
	ck_assert_msg(PQstatus(in->super) == CONNECTION_OK, "%s", PQerrorMessage(in->super));
	return in;
}

static void
inside_end(struct pg **in)
{
	PQfinish((*in)->super);
	arena_reset(&(*in)->arena);
	free(*in);
	*in = NULL;
}

static void
postgres_kill(const char *dir)
{
	char path[128];
	long pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/pg/postmaster.pid", dir);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld", &pid), 1);
	(void)fclose(f);
	ck_assert_int_eq(kill((pid_t)pid, SIGKILL), 0);
}

static struct answer
organisation(struct client *c, const char *key)
{
	return client_call(c, "POST", "/v1/organisations",
		arena_printf(&c->arena, "Idempotency-Key: %s\r\n", key),
		"{\"kind\":\"owner\",\"name\":\"市水利局\",\"credit_code\":"
		"\"91350100M000100Y43\"}");
}

START_TEST(death_of_the_private_postgresql_loses_nothing_that_was_answered)
{
	char dir[] = "/tmp/fairlot-embedded-XXXXXX", log[] = "/tmp/fairlot-log-XXXXXX";
	const char *flags[] = {"--embedded", dir, NULL};
	struct pg *in, *pg = scene_there()->pg;
	char *clock = folder_source("tests/sql/clock.sql");
	struct daemon *d;
	struct client *c;
	struct answer a;
	int kept;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	kept = log_begin(log);
	d = daemon_new(pg, flags);
	c = client_new(d->tls, true);
	in = inside(dir);
	pg_run(in, "%s", clock); /* for its fixtures; time runs */
	client_become(c, in, pg_person(in, "operator", ROLE_OPERATOR));
	inside_end(&in);
	ck_assert_int_eq(organisation(c, "stays").status, 201);
	postgres_kill(dir);
	ck_assert_int_eq(end_of(d), 1);
	daemon_restart(d, flags);
	ck_assert(log_end(kept, log, "\"child_died\",\"child\":\"postgres\""));
	(void)snprintf(c->address, sizeof c->address, "%s", d->tls);
	client_reopen(c);
	a = organisation(c, "stays");
	ck_assert_int_eq(a.status, 201);
	ck_assert(text_is(answer_field(&a, "Idempotency-Replayed"), "true"));
	client_free(&c);
	free(clock);
	daemon_free(&d);
	folder_remove(dir);
}
END_TEST

/* --- signals under load --- */

enum {
	CLIENTS = 8,
	ROUNDS = 12
};

static void
clients_begin(struct client **c, int count)
{
	for (int i = 0; i < count; i++) {
		c[i] = client_new(i % 2 ? scene->daemon->tls : scene->daemon->plain, i % 2);
		(void)snprintf(c[i]->key, sizeof c[i]->key, "%s", scene->key[OWNER]);
		ck_assert_int_eq(client_call(c[i], "GET", "/v1/me", "", NULL).status, 200);
	}
}

static void
draft_ask(struct client *c, const char *key)
{
	client_ask(c, "POST", "/v1/projects",
		arena_printf(&c->arena, "Idempotency-Key: %s\r\n", key),
		life_body(scene, "draw", NULL, ""));
}

START_TEST(reload_under_load_loses_no_connection)
{
	struct client *c[CLIENTS];
	int64_t accepted;

	(void)scene_there();
	clients_begin(c, CLIENTS);
	accepted = hurt_figure(scene->daemon, "connections_accepted_total");
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CLIENTS; i++)
			draft_ask(c[i], scene_text(scene, "reload-%d-%d", round, i));
		ck_assert_int_eq(kill(scene->daemon->pid, SIGHUP), 0);
		for (int i = 0; i < CLIENTS; i++)
			ck_assert_int_eq(client_answer(c[i], false).status, 201);
	}
	/* The figure itself is asked for over a new one. */
	ck_assert_int_eq(hurt_figure(scene->daemon, "connections_accepted_total"), accepted + 1);
	for (int i = 0; i < CLIENTS; i++)
		client_free(&c[i]);
}
END_TEST

static bool
all_wait(void *arg)
{
	(void)arg;
	return hurt_figure(scene->daemon, "tasks") >= CLIENTS + 1;
}

START_TEST(drain_answers_every_request_that_is_at_work)
{
	struct client *c[CLIENTS];

	(void)scene_there();
	clients_begin(c, CLIENTS);
	pg_run(scene->pg, "BEGIN");
	pg_run(scene->pg, "LOCK TABLE market.project IN EXCLUSIVE MODE");
	for (int i = 0; i < CLIENTS; i++)
		draft_ask(c[i], scene_text(scene, "drain-%d", i));
	ck_assert(until(all_wait, NULL, SOON_MS));
	ck_assert_int_eq(kill(scene->daemon->pid, SIGTERM), 0);
	pg_run(scene->pg, "COMMIT");
	for (int i = 0; i < CLIENTS; i++) {
		struct answer a = client_answer(c[i], false);

		ck_assert_msg(a.status == 201 || a.status == 503, "%d", a.status);
		ck_assert(client_ends(c[i], SOON_MS));
		client_free(&c[i]);
	}
	ck_assert_int_eq(end_of(scene->daemon), 0);
	restart();
	invariants_hold(scene->pg);
}
END_TEST

START_TEST(daemon_ends_with_status_0)
{
	scene_free(&scene);
}
END_TEST

SUITE(kill, suite_loop(a_course_under_kills_ends_as_one_without, MODE_COUNT),
	death_of_the_signer_ends_the_daemon_and_the_repeat_gets_its_receipt,
	death_of_the_private_postgresql_loses_nothing_that_was_answered,
	reload_under_load_loses_no_connection, drain_answers_every_request_that_is_at_work,
	daemon_ends_with_status_0)
