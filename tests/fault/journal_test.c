/* Deaths between any two steps from a committed entry to a public checkpoint: nothing is lost, no
 * index is given twice, and whatever was signed before stays true. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/chance.h"
#include "tests/support/daemon.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 60000,
	KILLS = 10
};

static char lock_path[96];
static const char *const flags[] = {"--log.lock_file", lock_path, NULL};

static bool
is_dead(void *arg)
{
	struct daemon *d = arg;
	int status;

	return waitpid(d->pid, &status, WNOHANG) == d->pid;
}

static struct daemon *
start(void)
{
	struct pg *pg = pg_new();

	(void)snprintf(lock_path, sizeof lock_path, "/tmp/fairlot-fault-%d-%s", (int)getpid(),
		pg->database);
	(void)remove(lock_path);
	return daemon_new(pg, flags);
}

static void
finish(struct daemon **d)
{
	struct pg *pg = (*d)->pg;

	daemon_free(d);
	pg_free(&pg);
	(void)remove(lock_path);
}

/* The lease of a dead daemon need not run out for a test to see that the next one goes on. */
static void
again(struct daemon *d)
{
	pg_run(d->pg, "UPDATE market.log_head SET lease_until = '-infinity'");
	daemon_restart(d, flags);
}

/* Each point is hit at its first and at its third passing: with a fresh log and a grown one. */
static const char *const points[] = {"journal_taken:1", "journal_taken:3", "journal_appended:1",
	"journal_appended:3", "journal_signed:1", "journal_signed:3", "journal_stored:1",
	"journal_stored:3", "lock_written:1", "lock_written:3", "lock_named:1", "lock_named:3"};

enum {
	POINTS = sizeof points / sizeof points[0]
};

START_TEST(a_death_between_two_steps_loses_and_forks_nothing)
{
	struct daemon *d;
	int put = 0;

	ck_assert_int_eq(setenv("FAIRLOT_FAULT", points[_i], 1), 0);
	d = start();
	ck_assert_int_eq(unsetenv("FAIRLOT_FAULT"), 0);
	/* Some at a time, so that a third batch and a third checkpoint come. */
	while (!until(is_dead, d, 400)) {
		journal_put(d->pg, "x", 300);
		ck_assert_msg(++put < 100, "%s was never hit", points[_i]);
	}
	d->pid = 0;
	again(d);
	journal_put(d->pg, "y", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	finish(&d);
}
END_TEST

START_TEST(deaths_at_any_time_lose_and_fork_nothing)
{
	struct daemon *d = start();

	chance_begin();
	for (int i = 0; i < KILLS; i++) {
		journal_put(d->pg, "x", 200 + (int)chance_below(2000));
		(void)until(is_dead, d, (int)chance_below(300));
		daemon_kill(d);
		again(d);
	}
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	finish(&d);
}
END_TEST

SUITE(journal, suite_loop(a_death_between_two_steps_loses_and_forks_nothing, POINTS),
	deaths_at_any_time_lose_and_fork_nothing)
