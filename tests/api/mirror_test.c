/* `fairlot journal mirror` over TLS, beside a journal that grows, is tampered with, or changes its
 * key; and the program killed in the middle. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/sign.h"
#include "lib/ledger/note.h"
#include "tests/support/child.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/folder.h"
#include "tests/support/journal.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 20000,
	ARGS_MAX = 16
};

static char lock_path[96], mirror[112], log_path[112];
static const char *flags[] = {"--log.lock_file", lock_path, "--cache.public", "0s", NULL};

static void
grow(struct daemon *d, int count)
{
	journal_put(d->pg, "x", count);
	ck_assert(journal_settles(d->pg, SOON_MS));
}

static struct daemon *
journal_new(int count)
{
	struct pg *pg = pg_new();
	struct daemon *d;

	(void)snprintf(lock_path, sizeof lock_path, "/tmp/fairlot-lock-%ld-%s", (long)getpid(),
		pg->database);
	(void)snprintf(mirror, sizeof mirror, "%s.mirror", lock_path);
	(void)snprintf(log_path, sizeof log_path, "%s.log", lock_path);
	(void)remove(lock_path);
	ck_assert_int_eq(setenv("LC_ALL", "C", 1), 0);
	d = daemon_new(pg, flags);
	grow(d, count);
	return d;
}

static void
journal_free(struct daemon **d)
{
	struct pg *pg = (*d)->pg;

	daemon_free(d);
	pg_free(&pg);
	(void)remove(lock_path);
	(void)remove(log_path);
	folder_remove(mirror);
}

static pid_t
start(struct daemon *d, const char *verb, const char *vkey)
{
	struct arena *a = &d->pg->arena;
	const char *args[ARGS_MAX] = {getenv("FAIRLOT"), "--url",
		arena_printf(a, "https://127.0.0.1%s", strrchr(d->tls, ':')), "--ca",
		arena_printf(a, "%s/tls/cert.pem", d->folder), "journal", verb, mirror};

	ck_assert_ptr_nonnull(args[0]);
	if (vkey != NULL) {
		args[8] = "--log-key";
		args[9] = vkey;
	}
	return child_start(args, log_path);
}

static const char *
said(struct daemon *d)
{
	char *text = arena_alloc(&d->pg->arena, 4096);
	FILE *f = fopen(log_path, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_le(fread(text, 1, 4095, f), 4095);
	(void)fclose(f);
	return text;
}

static void
does(struct daemon *d, const char *verb, int want)
{
	int status = child_end(start(d, verb, NULL), 0);

	ck_assert_msg(status == want, "%s: %d, not %d: %s", verb, status, want, said(d));
}

static void
says(struct daemon *d, const char *words)
{
	ck_assert_msg(strstr(said(d), words) != NULL, "%s, and not %s", said(d), words);
}

/* It holds, without a network, so many entries. */
static void
holds(struct daemon *d, int64_t size)
{
	does(d, "verify", 0);
	says(d, arena_printf(&d->pg->arena, ": %lld entries, ", (long long)size));
}

static int64_t
size_of(struct daemon *d)
{
	return pg_number(d->pg, "SELECT size FROM market.log_head");
}

START_TEST(a_mirror_follows_a_journal_that_grows)
{
	/* Within a bundle, to its last entry, over it, over several, to two full tiles more. */
	static const int more[] = {3, 150, 256, 1, 700, 512};
	struct daemon *d = journal_new(10);

	does(d, "mirror", 0);
	says(d, "trusting this key");
	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
		/* In more than one checkpoint, and the last of this round fills a bundle. */
		grow(d, more[i]);
		grow(d, i % 2 == 0 ? 1 : (int)(256 - size_of(d) % 256));
		does(d, "mirror", 0);
		ck_assert_ptr_null(strstr(said(d), "trusting"));
		holds(d, size_of(d));
	}
	ck_assert_int_gt(size_of(d), 1500);
	does(d, "mirror", 0); /* nothing new */
	holds(d, size_of(d));
	journal_free(&d);
}
END_TEST

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

START_TEST(a_mirroring_that_is_killed_is_gone_on_with)
{
	struct daemon *d = journal_new(10);
	int64_t before = 0;
	int status = 0, kills = 0;

	for (int round = 0; round < 3; round++) {
		grow(d, 2000);
		for (int ms = 2; ms < 400; ms += 1 + ms / 4) {
			pid_t pid = start(d, "mirror", NULL);

			(void)until(never, NULL, ms); /* into whatever it is doing then */
			status = child_end(pid, SIGKILL);
			kills += status != 0;
			if (status == 0)
				break;
			if (before > 0) { /* what it had, or what it was getting */
				does(d, "verify", 0);
				ck_assert_int_ge(size_of(d), before);
			}
		}
		does(d, "mirror", 0);
		before = size_of(d);
		holds(d, before);
	}
	ck_assert_int_gt(kills, 3);
	journal_free(&d);
}
END_TEST

/* Changes an entry in the database, and back. */
static void
tamper(struct daemon *d, int64_t index)
{
	pg_run(d->pg,
		"SET session_replication_role = replica; "
		"CREATE TABLE IF NOT EXISTS market.was AS SELECT * FROM market.outbox LIMIT 0; "
		"INSERT INTO market.was SELECT o.* FROM market.outbox o JOIN market.log_entry e "
		"ON e.outbox_id = o.id WHERE e.index = %lld; "
		"UPDATE market.outbox o SET entry = overlay(o.entry PLACING '!' FROM 1), "
		"leaf = sha256('\\x00'::bytea || overlay(o.entry PLACING '!' FROM 1)) "
		"FROM market.was w WHERE w.id = o.id; "
		"SET session_replication_role = DEFAULT",
		(long long)index);
}

static void
heal(struct daemon *d)
{
	pg_run(d->pg,
		"SET session_replication_role = replica; "
		"UPDATE market.outbox o SET entry = w.entry, leaf = w.leaf "
		"FROM market.was w WHERE w.id = o.id; DROP TABLE market.was; "
		"SET session_replication_role = DEFAULT");
	/* What it served is in its memory. */
	ck_assert_int_eq(daemon_stop(d), 0);
	daemon_restart(d, flags);
}

START_TEST(a_bundle_that_was_tampered_with_is_refused)
{
	struct daemon *d = journal_new(300);
	int64_t before = size_of(d);

	does(d, "mirror", 0);
	grow(d, 400);
	for (int i = 0; i < 3; i++) {
		/* An entry that the mirror has, its first new one, the last. */
		tamper(d, i == 0 ? before - 2 : i == 1 ? before : size_of(d) - 1);
		does(d, "mirror", 1);
		says(d, i == 0 ? "not what it was" : "not the root of the entries");
		holds(d, before);
		heal(d);
	}
	does(d, "mirror", 0);
	holds(d, size_of(d));
	journal_free(&d);
}
END_TEST

static const char *
vkey_of(struct daemon *d)
{
	return pg_value(d->pg, "SELECT value FROM market.setting WHERE key = 'log_vkey'");
}

/* As a market would show it that another one took the place of. */
static const char *
another_key(struct daemon *d)
{
	uint8_t seed[SIGN_SEED_LEN] = {5}, key[SIGN_KEY_LEN];
	struct text name, vkey;

	ck_assert(note_vkey_parse(text_of(vkey_of(d)), &name, key));
	sign_public(seed, key);
	vkey = note_vkey(&d->pg->arena, name, key);
	pg_run(d->pg, "UPDATE market.setting SET value = '" TEXT_FMT "' WHERE key = 'log_vkey'",
		TEXT_ARG(vkey));
	return vkey.at;
}

START_TEST(another_key_of_the_log_is_refused)
{
	struct daemon *d = journal_new(20);
	const char *vkey = vkey_of(d), *other;

	ck_assert_int_eq(child_end(start(d, "mirror", vkey), 0), 0);
	ck_assert_ptr_null(strstr(said(d), "trusting"));
	holds(d, size_of(d));
	other = another_key(d);
	does(d, "mirror", 1);
	says(d, "another key of the log");
	does(d, "verify", 0);
	/* Nor may the old mirror be given the new key. */
	ck_assert_int_eq(child_end(start(d, "mirror", other), 0), 1);
	folder_remove(mirror);
	ck_assert_int_eq(child_end(start(d, "mirror", vkey), 0), 1);
	does(d, "verify", 1); /* nothing was mirrored */
	journal_free(&d);
}
END_TEST

SUITE(mirror, a_mirror_follows_a_journal_that_grows, a_mirroring_that_is_killed_is_gone_on_with,
	a_bundle_that_was_tampered_with_is_refused, another_key_of_the_log_is_refused)
