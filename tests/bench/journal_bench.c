/* How fast entries get their place, and how long one waits for a checkpoint.  Figures, no
 * judgement: nothing is asserted but that everything is sequenced and right.  FAIRLOT_DURABLE: the
 * database syncs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/daemon.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	MANY = 100000,
	RATE = 2000,
	BURST_MS = 10,
	SECONDS = 5,
	SOON_MS = 120000
};

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

/* Commit after commit of a few entries, as many a second as said. */
static void
put_steadily(struct pg *pg)
{
	double begin = now_s();

	for (int i = 0; i < SECONDS * 1000 / BURST_MS; i++) {
		double ahead = begin + (double)i * BURST_MS / 1000 - now_s();

		if (ahead > 0)
			(void)until(never, NULL, (int)(ahead * 1000) + 1);
		journal_put(pg, "steady", RATE * BURST_MS / 1000);
	}
}

START_TEST(figures)
{
	char lock[64];
	const char *const flags[] = {"--log.lock_file", lock, NULL};
	struct pg *pg = pg_new();
	struct daemon *d;
	double begin;

	(void)snprintf(lock, sizeof lock, "/tmp/fairlot-bench-lock-%d", (int)getpid());
	journal_put(pg, "many", MANY);
	begin = now_s();
	d = daemon_new(pg, flags);
	printf("start with %d waiting: %.2f s until ready\n", MANY, now_s() - begin);
	ck_assert(journal_settles(pg, SOON_MS));
	journal_put(pg, "more", MANY);
	begin = now_s();
	ck_assert(journal_settles(pg, SOON_MS));
	printf("sequenced and signed: %.0f entries/s\n", MANY / (now_s() - begin));
	put_steadily(pg);
	ck_assert(journal_settles(pg, SOON_MS));
	printf("commit to checkpoint at %d entries/s (ms): %s\n", RATE,
		pg_value(pg,
			"SELECT 'p50 ' || p[1] || ', p99 ' || p[2] || ', most ' || p[3] FROM ("
			" SELECT percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (ORDER BY"
			" round(1000 * extract(epoch FROM c.at - o.recorded_at), 1)) AS p"
			" FROM market.outbox o JOIN market.log_entry e ON e.outbox_id = o.id"
			" CROSS JOIN LATERAL (SELECT min(k.at) AS at FROM market.log_checkpoint k"
			" WHERE k.size > e.index) c WHERE o.subject = 'steady') x"));
	printf("on the disk: %s\n",
		pg_value(pg,
			"SELECT format('%%s bytes a checkpoint and %%s an entry, of %%s and %%s',"
			" (SELECT round(avg(pg_column_size(c))) + 32 FROM market.log_checkpoint c),"
			" (pg_total_relation_size('market.outbox')"
			" + pg_total_relation_size('market.log_entry')"
			" + pg_total_relation_size('market.log_tile')) / size,"
			" (SELECT count(*) FROM market.log_checkpoint), size) FROM "
			"market.log_head"));
	journal_holds(pg, lock);
	daemon_free(&d);
	pg_free(&pg);
	(void)remove(lock);
}
END_TEST

SUITE(journal, figures)
