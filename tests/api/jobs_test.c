/* Timers: run once whichever daemons there are, taken over from a daemon that died, run after a
 * restart and after the clock jumped. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/api/life.h"
#include "tests/support/invariant.h"
#include "tests/support/suite.h"

static struct scene *market;
static struct daemon *second; /* on the same database, with the first one's keys */

static struct scene *
scene_market(void)
{
	if (market == NULL)
		market = scene_new("demo");
	return market;
}

/* The scene asks this daemon from now on. */
static void
ask_at(struct scene *s, const struct daemon *d)
{
	memcpy(s->client->address, d->tls, sizeof d->tls);
	client_reopen(s->client);
}

static void
second_start(struct scene *s)
{
	const char *flags[] = {"--data", s->daemon->folder, NULL};

	second = daemon_new(s->pg, flags);
}

/* An open project with its bidders or candidates. */
static const char *
project_with(struct scene *s, const char *mode, int signups)
{
	const char *project = life_open(s, mode, NULL, ",\"fiscal_bp\":0");

	for (int i = 0; i < signups; i++)
		(void)life_signup(s, project, i);
	return project;
}

/* To the latest deadline of all projects. */
static void
to_deadlines(struct scene *s)
{
	pg_clock_set(s->pg, pg_value(s->pg, "SELECT max(deadline_at) FROM market.project"));
}

static void
ran_once(struct scene *s)
{
	scene_until(
		s, "", "SELECT string_agg(kind, ' ') FROM market.job WHERE due_at <= api.now()");
	ck_assert_str_eq(pg_value(s->pg, "SELECT string_agg(last_error, ' ') FROM market.job"), "");
	ck_assert_str_eq(pg_value(s->pg,
				 "SELECT string_agg(subject, ' ') FROM (SELECT kind, subject FROM "
				 "market.outbox WHERE kind IN ('freeze', 'award', 'auction-end') "
				 "GROUP BY kind, "
				 "subject HAVING count(*) > 1) twice"),
		"");
	invariants_hold(s->pg);
}

START_TEST(due_timers_of_two_daemons_run_once)
{
	enum {
		EACH = 12
	};
	struct scene *s = scene_market();

	second_start(s);
	for (int i = 0; i < EACH; i++) {
		(void)project_with(s, "draw", 1 + i % 3);
		(void)project_with(s, "auction", 2);
	}
	to_deadlines(s);
	scene_until(s, scene_text(s, "%d", 2 * EACH),
		"SELECT count(*) FROM market.project WHERE state = 'selecting'");
	ck_assert_int_eq(
		pg_number(s->pg, "SELECT count(*) FROM market.outbox WHERE kind = 'freeze'"), EACH);
	ck_assert_int_eq(pg_number(s->pg, "SELECT count(*) FROM market.auction"), EACH);
	pg_clock_set(s->pg, pg_value(s->pg, "SELECT max(effective_end) FROM market.auction"));
	scene_until(s, scene_text(s, "%d", EACH),
		"SELECT count(*) FROM market.project WHERE state = 'failed'"); /* nobody bid */
	ran_once(s);
	daemon_free(&second);
}
END_TEST

/* Ends the sessions that a dead daemon left, or they would finish what it sent. */
static void
sessions_end(struct scene *s)
{
	pg_run(s->pg,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
		"current_database() AND usename LIKE 'fairlot_%%' AND pid NOT IN (%d, %d)",
		PQbackendPID(s->pg->writer), PQbackendPID(s->pg->reader));
}

static const char *
lease_of(struct scene *s, const char *project)
{
	return pg_value(s->pg, "SELECT lease_until FROM market.job WHERE subject = '%s'", project);
}

/* A daemon dies at work on a timer, which waits for a row that is locked.  The other one looks at
 * the timers, and takes this one when the lease is over, not before. */
START_TEST(timer_of_a_dead_daemon_is_taken_when_its_lease_is_over)
{
	struct scene *s = scene_market();
	const char *project = project_with(s, "auction", 2), *lease;
	PGconn *holder = pg_connect(s->pg, "postgres");

	PQclear(PQexec(holder, "BEGIN"));
	PQclear(PQexec(holder,
		scene_text(s, "SELECT FROM market.project WHERE id = '%s' FOR UPDATE", project)));
	to_deadlines(s);
	scene_until(s, "t", "SELECT lease_until > api.now() FROM market.job WHERE subject = '%s'",
		project);
	daemon_kill(s->daemon);
	sessions_end(s);
	PQfinish(holder);
	lease = lease_of(s, project);
	pg_clock_set(s->pg, lease);
	pg_clock_move(s->pg, "-1 ms");
	second_start(s);
	ask_at(s, second);
	pg_run(s->pg, "UPDATE market.job SET due_at = api.now() WHERE kind = 'key_purge'");
	scene_until(s, "t", "SELECT due_at > api.now() FROM market.job WHERE kind = 'key_purge'");
	ck_assert_str_eq(lease_of(s, project), lease);
	ck_assert_str_eq(
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/state"), "open");
	pg_clock_set(s->pg, lease);
	life_until(s, project, "selecting");
	ck_assert_int_eq(
		pg_number(s->pg, "SELECT count(*) FROM market.auction WHERE project_id = '%s'",
			project),
		1);
	ran_once(s);
}
END_TEST

START_TEST(timers_that_came_due_without_a_daemon_run_at_the_start)
{
	struct scene *s = scene_market();
	const char *project[3];

	for (int i = 0; i < 3; i++)
		project[i] = project_with(s, i == 1 ? "auction" : "draw", 2);
	daemon_free(&second);
	to_deadlines(s);
	pg_clock_move(s->pg, "1 s");
	daemon_restart(s->daemon, NULL);
	ask_at(s, s->daemon);
	for (int i = 0; i < 3; i++)
		life_until(s, project[i], "selecting");
	/* The published deadline stands in the record, not the moment of running. */
	ck_assert_str_eq(scene_look(s, scene_text(s, "/v1/draws/%s.1", project[0]), "/close_at"),
		pg_value(s->pg, "SELECT api.utc_s(deadline_at) FROM market.project WHERE id = '%s'",
			project[0]));
	ran_once(s);
}
END_TEST

/* Awarded, with a contract or delivered, to the winner `place`. */
static const char *
order_at(struct scene *s, const char *state, const char **ret_project)
{
	const char *project = project_with(s, "draw", 3), *path;
	int winner;

	*ret_project = project;
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, scene_text(s, "%s.1", project));
	winner = AGENCY + life_agency(s, project, 0);
	life_pass(s, project, "/standstill_until", "awarded");
	path = scene_text(s, "/v1/orders/%s",
		scene_look(s, scene_text(s, "/v1/projects/%s", project), "/standing/0/order_id"));
	if (strcmp(state, "awarded") == 0)
		return path;
	scene_does(s, OWNER, scene_text(s, "POST %s/contract", path),
		scene_look(s, path, "/version"),
		"{\"amount_fen\":9000000,\"number\":\"HT\",\"text\":\"正文\"}");
	if (strcmp(state, "contract") == 0)
		return path;
	scene_does(s, winner, scene_text(s, "POST %s/contract/confirmation", path),
		scene_member(s, "/version"), NULL);
	scene_does(s, winner, scene_text(s, "POST %s/delivery", path), NULL, "{\"note\":\"成果\"}");
	return path;
}

/* What is overdue falls to the party at fault, each by itself, in one jump of a year. */
START_TEST(clock_that_jumps_ahead_lets_everything_follow)
{
	struct scene *s = scene_market();
	const char *project[3], *path[3];

	path[0] = order_at(s, "awarded", &project[0]);
	path[1] = order_at(s, "contract", &project[1]);
	path[2] = order_at(s, "delivered", &project[2]);
	pg_clock_move(s->pg, "1 year");
	life_until(s, project[2], "accepted");
	scene_until(s, "ended", "SELECT state FROM market.orders WHERE id = '%s'",
		path[1] + strlen("/v1/orders/"));
	life_until(s, project[1], "selected");
	scene_until(s, "t", "SELECT overdue_at IS NOT NULL FROM market.orders WHERE id = '%s'",
		path[0] + strlen("/v1/orders/"));
	ck_assert_str_eq(scene_look(s, path[1], "/end_reason"), "contract-not-confirmed");
	ck_assert_str_eq(scene_look(s, path[0], "/state"), "awarded");
	life_pass(s, project[1], "/standstill_until", "awarded");
	ran_once(s);
}
END_TEST

/* An hour back: nothing runs again, and what is new counts from the clock as it is. */
START_TEST(clock_that_jumps_back_repeats_nothing)
{
	struct scene *s = scene_market();
	int64_t entries;
	const char *project;

	entries = pg_number(s->pg, "SELECT count(*) FROM market.outbox");
	pg_clock_move(s->pg, "-1 hour");
	project = project_with(s, "draw", 1);
	/* One notice and one sign-up are new. */
	ck_assert_int_eq(pg_number(s->pg, "SELECT count(*) FROM market.outbox"), entries + 2);
	life_pass(s, project, "/deadline_at", "selecting");
	life_contribute(s, scene_text(s, "%s.1", project));
	life_transcript(s, scene_text(s, "%s.1", project), 1);
	ran_once(s);
	scene_free(&market);
}
END_TEST

SUITE(jobs, due_timers_of_two_daemons_run_once,
	timer_of_a_dead_daemon_is_taken_when_its_lease_is_over,
	timers_that_came_due_without_a_daemon_run_at_the_start,
	clock_that_jumps_ahead_lets_everything_follow, clock_that_jumps_back_repeats_nothing)
