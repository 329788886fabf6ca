/* Who sequences, of several daemons, and what a watcher of them sees. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/ledger/proof.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/journal.h"
#include "tests/support/metric.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

/* Of log.witnesses: at this port nobody listens. */
#define FOREIGN "odd\"name\\of.example"

enum {
	SOON_MS = 20000,
	QUIET_MS = 1500,
	OFTEN_MS = 120000,
	TURNS = 6
};

static char lock_path[96], option[400];
static const char *const flags[] = {
	"--log.lock_file", lock_path, "--log.witnesses", option, "--cache.public", "0s", NULL};

static struct daemon *
begin(void)
{
	const uint8_t key[SIGN_KEY_LEN] = {1};
	struct pg *pg = pg_new();
	struct text vkey = cosigner_vkey(&pg->arena, text_of(FOREIGN), key);

	(void)snprintf(option, sizeof option, TEXT_FMT " http://127.0.0.1:1/", TEXT_ARG(vkey));
	(void)snprintf(lock_path, sizeof lock_path, "/tmp/fairlot-lead-%ld-%s", (long)getpid(),
		pg->database);
	(void)remove(lock_path);
	return daemon_new(pg, flags);
}

static void
end(struct daemon **d)
{
	struct pg *pg = (*d)->pg;

	daemon_free(d);
	pg_free(&pg);
	(void)remove(lock_path);
}

static const char *
text(struct pg *pg, const char *before, int64_t n)
{
	return arena_printf(&pg->arena, "%s %lld", before, (long long)n);
}

/* The second daemon of a database, with the log key of the first. */
static void
key_share(const struct daemon *from, struct daemon *to)
{
	char path[128], line[128] = "";
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/signer/log.key", from->folder);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	(void)fclose(f);
	(void)snprintf(path, sizeof path, "%s/signer/log.key", to->folder);
	f = fopen(path, "w"); /* it keeps its mode */
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(line, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static struct daemon *
second_new(struct daemon *first)
{
	struct daemon *second = daemon_new(first->pg, NULL); /* makes its keys */

	ck_assert_int_eq(daemon_stop(second), 0);
	key_share(first, second);
	daemon_restart(second, flags);
	return second;
}

START_TEST(what_the_journal_does_is_on_metrics)
{
	struct daemon *d = begin();
	int64_t size;

	journal_put(d->pg, "x", 300);
	ck_assert(journal_settles(d->pg, SOON_MS));
	size = pg_number(d->pg, "SELECT size FROM market.log_head");
	ck_assert(metric_shows(d, text(d->pg, "fairlot_journal_size", size), SOON_MS));
	ck_assert(metric_shows(d, text(d->pg, "fairlot_journal_signed_size", size), SOON_MS));
	ck_assert(metric_shows(d, "fairlot_journal_leads 1", 0));
	ck_assert(metric_shows(d, "fairlot_journal_lease_held 1", 0));
	ck_assert(metric_shows(d, "fairlot_journal_waiting 0", 0));
	ck_assert(metric_value(d, "fairlot_journal_unsigned_seconds") == 0);
	ck_assert(metric_value(d, "fairlot_journal_checkpoint_age_seconds") >= 0);
	ck_assert(metric_value(d, "fairlot_journal_sample_age_seconds") >= 0);
	ck_assert(metric_shows(d, "fairlot_journal_halted{reason=\"log-key\"} 0", 0));
	ck_assert_int_eq(daemon_stop(d), 0);

	/* One that may not sequence sees that nobody does, and for how long an entry waits. */
	daemon_restart(d, NULL);
	journal_put(d->pg, "x", 5);
	ck_assert(metric_shows(d, "fairlot_journal_waiting 5", SOON_MS));
	pg_clock_move(d->pg, "40 seconds");
	ck_assert(metric_shows(d, "fairlot_journal_lease_held 0", SOON_MS));
	ck_assert(metric_shows(d, "fairlot_journal_leads 0", 0));
	ck_assert(metric_reaches(d, "fairlot_journal_unsigned_seconds", 40, SOON_MS));
	ck_assert(metric_reaches(d, "fairlot_journal_checkpoint_age_seconds", 40, SOON_MS));
	end(&d);
}
END_TEST

/* An entry that has an index and no checkpoint waits like one without. */
START_TEST(an_entry_with_an_index_alone_counts_as_unsigned)
{
	struct daemon *d = begin();

	journal_put(d->pg, "x", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert_int_eq(daemon_stop(d), 0);
	pg_run(d->pg, "UPDATE market.log_head SET signed = size - 1");
	daemon_restart(d, NULL);
	pg_clock_move(d->pg, "50 seconds");
	ck_assert(metric_shows(d, "fairlot_journal_waiting 0", SOON_MS));
	ck_assert(metric_reaches(d, "fairlot_journal_unsigned_seconds", 50, SOON_MS));
	end(&d);
}
END_TEST

START_TEST(how_far_each_witness_came_is_on_metrics)
{
	static const char odd[] = "{witness=\"odd\\\"name\\\\of.example\"}";
	struct daemon *d = begin();
	const char *org = pg_org_of(d->pg, pg_person(d->pg, "witness", 32)), *size;

	ck_assert(journal_settles(d->pg, SOON_MS));
	size = pg_value(d->pg, "SELECT signed FROM market.log_head");
	pg_run(d->pg,
		"INSERT INTO market.draw_key (public_key, name, announced_at)"
		" VALUES ('\\x02%064d', 'near', api.now());"
		" INSERT INTO market.witness (vrf_key, cosign_key, name, organisation_id,"
		" announced_at) VALUES ('\\x02%064d', '\\x%064d', 'near', '%s', api.now());"
		" INSERT INTO market.log_cosignature (log, size, name, line, signed_at, "
		"recorded_at)"
		" VALUES ('journal', %s, 'near', 'x', 'epoch', api.now() - interval '70 seconds'),"
		" ('journal', %s, 'gone', 'x', 'epoch', api.now())",
		1, 1, 2, org, size, size);
	ck_assert(metric_shows(d,
		arena_printf(
			&d->pg->arena, "fairlot_journal_cosigned_size{witness=\"near\"} %s", size),
		SOON_MS));
	ck_assert(metric_value(d, "fairlot_journal_cosigned_age_seconds{witness=\"near\"}") >= 70);
	ck_assert(metric_value(d, "fairlot_journal_cosigned_age_seconds{witness=\"near\"}") < 700);
	/* A foreign one that never answered is there; who takes part no more is not. */
	ck_assert(metric_shows(
		d, arena_printf(&d->pg->arena, "fairlot_journal_cosigned_size%s 0", odd), 0));
	ck_assert(metric_value(d, "fairlot_journal_cosigned_size{witness=\"gone\"}") == -1);
	end(&d);
}
END_TEST

/* ---- several daemons of one database, which share the lock file ---- */

START_TEST(a_second_daemon_takes_over_when_the_first_is_killed)
{
	struct daemon *d = begin(), *second = second_new(d);

	journal_put(d->pg, "x", 500);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert(metric_shows(second, "fairlot_journal_leads 0", SOON_MS));
	daemon_kill(d);
	journal_put(d->pg, "y", 500);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert(metric_shows(second, "fairlot_journal_leads 1", SOON_MS));
	daemon_free(&second);
	daemon_restart(d, flags);
	journal_put(d->pg, "z", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	end(&d);
}
END_TEST

struct turns {
	struct pg *pg;
	char holder[64];
	int taken;
};

/* The lease ends under who holds it, while entries come. */
static bool
is_taken_often(void *arg)
{
	struct turns *t = arg;
	const char *holder = pg_value(
		t->pg, "UPDATE market.log_head SET lease_until = '-infinity' RETURNING holder");

	journal_put(t->pg, "x", 40);
	if (strcmp(holder, t->holder) != 0)
		t->taken++;
	(void)snprintf(t->holder, sizeof t->holder, "%s", holder);
	return t->taken >= TURNS;
}

/* Who held the lease still believes to hold it when the other begins, again and again. */
START_TEST(two_daemons_that_both_lead_write_one_journal)
{
	struct daemon *d = begin(), *second = second_new(d);
	struct turns turns = {.pg = d->pg};

	ck_assert(until(is_taken_often, &turns, OFTEN_MS));
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	daemon_free(&second);
	end(&d);
}
END_TEST

/* It serves and is ready; it takes no lease, not even when nobody else has it. */
START_TEST(a_daemon_with_another_log_key_never_signs)
{
	struct daemon *d = begin(), *other;
	struct client *c;
	struct answer a;

	journal_put(d->pg, "x", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	other = daemon_new(d->pg, flags); /* with keys of its own */
	ck_assert(metric_shows(other, "fairlot_journal_halted{reason=\"log-key\"} 1", SOON_MS));
	ck_assert(metric_shows(other, "fairlot_journal_leads 0", 0));
	c = client_new(other->admin, false);
	a = client_call(c, "GET", "/readyz", "", NULL);
	ck_assert_int_eq(a.status, 200);
	ck_assert(text_is(a.body,
		"ok\njournal halted: log-key: the log has another key than this daemon's "
		"signer\n"));
	client_free(&c);
	journal_put(d->pg, "x", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert(metric_shows(d, "fairlot_journal_leads 1", SOON_MS));
	daemon_kill(d);
	pg_run(d->pg, "UPDATE market.log_head SET lease_until = '-infinity'");
	journal_put(d->pg, "y", 5);
	ck_assert(!journal_settles(d->pg, QUIET_MS));
	/* With the log's key it leads at its next start. */
	ck_assert_int_eq(daemon_stop(other), 0);
	key_share(d, other);
	daemon_restart(other, flags);
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path); /* every checkpoint has the first key's signature */
	daemon_free(&other);
	end(&d);
}
END_TEST

SUITE(sequencer, what_the_journal_does_is_on_metrics,
	an_entry_with_an_index_alone_counts_as_unsigned, how_far_each_witness_came_is_on_metrics,
	a_second_daemon_takes_over_when_the_first_is_killed,
	two_daemons_that_both_lead_write_one_journal, a_daemon_with_another_log_key_never_signs)
