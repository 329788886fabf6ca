/* The journal from outside: what anyone fetches of it, and what a daemon does whose database is not
 * the one that was signed. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/ledger/proof.h"
#include "lib/ledger/receipt.h"
#include "lib/ledger/tile.h"
#include "tests/support/client.h"
#include "tests/support/daemon.h"
#include "tests/support/journal.h"
#include "tests/support/metric.h"
#include "tests/support/suite.h"
#include "tests/support/until.h"

enum {
	SOON_MS = 20000,
	QUIET_MS = 1500
};

static char lock_path[96];
static const char *flags[] = {"--log.lock_file", lock_path, "--cache.public", "0s", NULL};

/* A daemon that sequences, with so many entries in its journal. */
static struct daemon *
journal_new(int count)
{
	struct pg *pg = pg_new();
	struct daemon *d;

	/* The daemon's folder is not known before it is made. */
	(void)snprintf(lock_path, sizeof lock_path, "/tmp/fairlot-lock-%ld-%s", (long)getpid(),
		pg->database);
	(void)remove(lock_path);
	d = daemon_new(pg, flags);
	journal_put(pg, "x", count);
	ck_assert(journal_settles(pg, SOON_MS));
	return d;
}

static void
journal_free(struct daemon **d)
{
	struct pg *pg = (*d)->pg;

	daemon_free(d);
	pg_free(&pg);
	(void)remove(lock_path);
}

static struct answer
get(struct client *c, const char *path)
{
	return client_call(c, "GET", path, "", NULL);
}

static void
log_key(struct client *c, const char *which, struct text *ret_name, uint8_t ret_key[SIGN_KEY_LEN])
{
	struct answer a = get(c, "/journal/keys");
	struct text line;

	ck_assert_int_eq(a.status, 200);
	while (text_cut(&a.body, '\n', &line))
		if (note_vkey_parse(line, ret_name, ret_key) &&
			memmem(ret_name->at, ret_name->len, which, strlen(which)) != NULL)
			return;
	ck_abort_msg("no key of %s", which);
}

static struct checkpoint
newest(struct client *c)
{
	struct answer a = get(c, "/journal/checkpoint");
	uint8_t key[SIGN_KEY_LEN];
	struct checkpoint ret;
	struct text name;

	log_key(c, "/journal", &name, key);
	ck_assert_int_eq(a.status, 200);
	ck_assert(text_is(answer_field(&a, "Content-Type"), "text/plain; charset=utf-8"));
	ck_assert(text_is(answer_field(&a, "Cache-Control"), "public, no-cache"));
	ck_assert(checkpoint_verify(a.body, name, key, &ret));
	return ret;
}

/* Tiles by HTTP. */
struct fetched {
	struct client *c;
	struct hash at[TILE_WIDTH];
};

static bool
fetch(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	const struct tile_id id = {.level = level, .n = n, .width = width};
	struct fetched *f = arg;
	char path[TILE_PATH_SIZE];
	struct answer a;

	tile_path_write(&id, path);
	a = get(f->c, arena_printf(&f->c->arena, "/journal/tile/%s", path));
	if (a.status != 200 || a.body.len != width * (size_t)HASH_LEN)
		return false;
	memcpy(f->at, a.body.at, a.body.len);
	*ret_hashes = f->at;
	return true;
}

START_TEST(tiles_and_bundles_have_the_root_of_the_checkpoint)
{
	struct daemon *d = journal_new(700);
	struct client *c = client_new(d->plain, false);
	struct fetched f = {.c = c};
	const struct tile_source source = {fetch, &f};
	struct checkpoint cp = newest(c);
	struct tile_edge edge = {0};
	struct hash root;

	ck_assert(tile_root(&source, cp.size, &root));
	ck_assert_mem_eq(root.at, cp.root.at, HASH_LEN);
	for (uint64_t n = 0; edge.size < cp.size; n++) {
		struct tile_id id = {.entries = true, .n = n, .width = tile_width(cp.size, 0, n)};
		char path[TILE_PATH_SIZE];
		struct answer a;
		struct text entry;

		tile_path_write(&id, path);
		a = get(c, arena_printf(&c->arena, "/journal/tile/%s", path));
		ck_assert_int_eq(a.status, 200);
		ck_assert(text_is(
			answer_field(&a, "Cache-Control"), "public, max-age=31536000, immutable"));
		ck_assert(text_is(answer_field(&a, "Content-Type"), "application/octet-stream"));
		while (bundle_cut(&a.body, &entry))
			(void)tile_edge_add(&edge, merkle_leaf(entry));
		ck_assert_uint_eq(a.body.len, 0);
	}
	root = tile_edge_root(&edge);
	ck_assert_mem_eq(root.at, cp.root.at, HASH_LEN);
	journal_holds(d->pg, lock_path);
	client_free(&c);
	journal_free(&d);
}
END_TEST

START_TEST(a_tile_beyond_the_checkpoint_is_not_found)
{
	struct daemon *d = journal_new(10);
	struct client *c = client_new(d->plain, false);
	uint64_t size = newest(c).size;
	unsigned last = (unsigned)(size % TILE_WIDTH);
	static const char *const never[] = {"/journal/tile/0/900", "/journal/tile/entries/900",
		"/journal/tile/5/000.p/1", "/journal/tile/7/x999/999", "/journal/tile/8/000",
		"/journal/tile/0/1", "/journal/tile/0/000.p/256", "/journal/tile/0/000.p/0",
		"/journal/tile/entries/x9223372036854775807/000", "/journal/tile/0"};

	for (unsigned width = last; width <= last + 1; width++)
		for (int entries = 0; entries < 2; entries++) {
			struct tile_id id = {
				.entries = entries == 1, .n = size / TILE_WIDTH, .width = width};
			char path[TILE_PATH_SIZE];

			tile_path_write(&id, path);
			ck_assert_int_eq(
				get(c, arena_printf(&c->arena, "/journal/tile/%s", path)).status,
				width == last ? 200 : 404);
		}
	for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
		ck_assert_msg(get(c, never[i]).status == 404, "%s", never[i]);
	client_free(&c);
	journal_free(&d);
}
END_TEST

/* From the second time on a tile comes from memory, and is the same. */
START_TEST(a_tile_is_the_same_from_memory)
{
	struct daemon *d = journal_new(300);
	struct client *c = client_new(d->plain, false);
	struct answer first = get(c, "/journal/tile/0/000"), again;

	ck_assert_uint_eq(first.body.len, TILE_WIDTH * HASH_LEN);
	pg_run(d->pg, "ALTER FUNCTION api.journal_tile(int, bigint, int) RENAME TO gone");
	for (int i = 0; i < 8; i++) { /* whichever loop it was */
		client_reopen(c);
		again = get(c, "/journal/tile/0/000");
		ck_assert(again.status == 500 || text_eq(first.body, again.body));
	}
	pg_run(d->pg, "ALTER FUNCTION api.gone(int, bigint, int) RENAME TO journal_tile");
	client_free(&c);
	journal_free(&d);
}
END_TEST

START_TEST(a_receipt_is_a_promise_until_a_checkpoint_proves_it)
{
	struct daemon *d = journal_new(5);
	struct client *c = client_new(d->plain, false);
	uint8_t key[SIGN_KEY_LEN];
	struct text name;
	struct receipt promise;
	struct tlog_proof proof;
	struct checkpoint cp;
	struct hash leaf;
	const char *hex;
	struct answer a;

	ck_assert_int_eq(daemon_stop(d), 0);
	daemon_restart(d, (const char *const[]){"--log.promise", "10s", NULL}); /* no lock file */
	(void)snprintf(c->address, sizeof c->address, "%s", d->plain);
	client_reopen(c);
	journal_put(d->pg, "late", 1);
	hex = pg_value(
		d->pg, "SELECT encode(leaf, 'hex') FROM market.outbox WHERE subject = 'late'");
	ck_assert(hex_decode(text_of(hex), leaf.at, HASH_LEN));
	a = get(c, arena_printf(&c->arena, "/v1/receipts/%s", hex));
	ck_assert_int_eq(a.status, 200);
	log_key(c, "/receipts", &name, key);
	ck_assert(receipt_verify(a.body, name, key, &promise));
	ck_assert_mem_eq(promise.leaf.at, leaf.at, HASH_LEN);
	ck_assert_uint_eq(promise.promise.len, strlen("2024-01-01T00:00:00.000000Z"));
	ck_assert_int_gt(text_order(promise.promise, promise.at), 0);

	ck_assert_int_eq(daemon_stop(d), 0);
	daemon_restart(d, flags);
	(void)snprintf(c->address, sizeof c->address, "%s", d->plain);
	client_reopen(c);
	ck_assert(journal_settles(d->pg, SOON_MS));
	a = get(c, arena_printf(&c->arena, "/v1/receipts/%s", hex));
	log_key(c, "/journal", &name, key);
	ck_assert(tlog_proof_verify(a.body, &leaf, name, key, &proof, &cp));
	ck_assert_uint_eq(proof.index, cp.size - 1);
	ck_assert_int_eq(get(c, "/v1/receipts/00").status, 404);
	hex = arena_printf(&c->arena, "/v1/receipts/%064d", 0);
	ck_assert_int_eq(get(c, hex).status, 404);
	client_free(&c);
	journal_free(&d);
}
END_TEST

START_TEST(entries_are_followed_by_index_and_looked_up_by_subject)
{
	struct daemon *d = journal_new(120);
	struct client *c = client_new(d->plain, false);
	const char *next = "", *target;
	int seen = 0;
	struct answer a;

	do {
		target = arena_printf(&c->arena, "/v1/journal/entries?subject=x&limit=50%s%s",
			next[0] == '\0' ? "" : "&cursor=", next);
		a = get(c, target);
		ck_assert_int_eq(a.status, 200);
		for (int i = 0; i < 50; i++)
			seen += answer_member(c, &a,
					arena_printf(&c->arena, "/items/%d/leaf", i))[0] != '\0';
		next = answer_member(c, &a, "/next_cursor");
	} while (next[0] != '\0' && strcmp(next, "null") != 0);
	ck_assert_int_eq(seen, 120);
	a = get(c, "/v1/journal/entries?after=41&limit=2");
	ck_assert_str_eq(answer_member(c, &a, "/items/0/index"), "42");
	ck_assert_str_eq(answer_member(c, &a, "/items/1/index"), "43");
	a = get(c, "/v1/journal/entries?subject=nobody");
	ck_assert_str_eq(answer_member(c, &a, "/items"), "[ ]");
	a = get(c, "/v1/journal/checkpoints?limit=1");
	ck_assert_str_ne(answer_member(c, &a, "/items/0/note"), "");
	client_free(&c);
	journal_free(&d);
}
END_TEST

START_TEST(a_daemon_without_a_lock_file_sequences_nothing)
{
	struct pg *pg = pg_new();
	struct daemon *d = daemon_new(pg, NULL);
	struct client *c = client_new(d->plain, false);

	journal_put(pg, "x", 3);
	ck_assert(!journal_settles(pg, QUIET_MS));
	ck_assert_int_eq(pg_number(pg, "SELECT size FROM market.log_head"), 0);
	ck_assert_int_eq(get(c, "/journal/checkpoint").status, 404);
	client_free(&c);
	daemon_free(&d);
	pg_free(&pg);
}
END_TEST

/* ---- another database than the one that was signed ---- */

/* It serves and takes entries; none gets an index, and nothing is signed. */
static void
is_halted(struct daemon *d, const char *reason)
{
	struct client *c = client_new(d->plain, false);
	int64_t size = pg_number(d->pg, "SELECT size FROM market.log_head");
	int64_t checkpoints = pg_number(d->pg, "SELECT count(*) FROM market.log_checkpoint");
	struct answer a;

	journal_put(d->pg, "after", 3);
	ck_assert(!journal_settles(d->pg, QUIET_MS));
	ck_assert_str_ne(pg_value(d->pg, "SELECT holder FROM market.log_head"), "");
	ck_assert_int_eq(pg_number(d->pg, "SELECT size FROM market.log_head"), size);
	ck_assert_int_eq(
		pg_number(d->pg, "SELECT count(*) FROM market.log_checkpoint"), checkpoints);
	ck_assert_int_eq(get(c, "/v1/items?limit=1").status, 200);
	ck_assert(metric_shows(
		d, arena_printf(&c->arena, "fairlot_journal_halted{reason=\"%s\"} 1", reason), 0));
	a = get(c, "/readyz");
	ck_assert_int_eq(a.status, 200);
	ck_assert(text_starts(a.body, arena_printf(&c->arena, "ok\njournal halted: %s: ", reason)));
	client_free(&c);
}

/* A backup is put back that is older than the newest checkpoint; then one that is not. */
START_TEST(a_database_of_an_hour_ago_is_not_continued_and_the_newest_is)
{
	struct daemon *d = journal_new(10);

	ck_assert_int_eq(daemon_stop(d), 0);
	pg_keep(d->pg, "old");
	daemon_restart(d, flags);
	journal_put(d->pg, "x", 300);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert_int_eq(daemon_stop(d), 0);
	pg_keep(d->pg, "new");
	pg_put_back(d->pg, "old");
	daemon_restart(d, flags);
	is_halted(d, "database-behind");
	ck_assert_int_eq(daemon_stop(d), 0);
	pg_put_back(d->pg, "new");
	daemon_restart(d, flags);
	journal_put(d->pg, "y", 5);
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	journal_free(&d);
}
END_TEST

/* The lock file was in the backup, so the old database went on and signed other entries: a fork,
 * which ends when the true lock file is there again. */
START_TEST(a_database_that_differs_from_the_lock_file_is_not_continued)
{
	struct daemon *d = journal_new(10);
	const char *lock = lock_path;
	char kept[128], old[128];

	(void)snprintf(kept, sizeof kept, "%s.kept", lock);
	(void)snprintf(old, sizeof old, "%s.old", lock);
	ck_assert_int_eq(daemon_stop(d), 0);
	ck_assert_int_eq(link(lock, old), 0); /* it is replaced, never changed */
	pg_keep(d->pg, "old");
	daemon_restart(d, flags);
	journal_put(d->pg, "x", 30);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert_int_eq(daemon_stop(d), 0);
	pg_put_back(d->pg, "old");
	ck_assert_int_eq(rename(lock, kept), 0);
	ck_assert_int_eq(rename(old, lock), 0);
	daemon_restart(d, flags);
	journal_put(d->pg, "y", 100);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert_int_eq(daemon_stop(d), 0);
	ck_assert_int_eq(rename(kept, lock), 0);
	daemon_restart(d, flags);
	is_halted(d, "database-differs");
	journal_free(&d);
}
END_TEST

/* What a halt is for that nobody but the database is to blame for. */
START_TEST(tiles_that_were_changed_or_lost_are_not_continued)
{
	struct daemon *d = journal_new(300);

	ck_assert_int_eq(daemon_stop(d), 0);
	pg_run(d->pg,
		"SET session_replication_role = replica;"
		" UPDATE market.log_tile SET root = sha256('x') WHERE level = 0 AND n = 0");
	daemon_restart(d, flags);
	is_halted(d, "tiles-differ");
	ck_assert_int_eq(daemon_stop(d), 0);
	pg_run(d->pg, "DELETE FROM market.log_tile WHERE level = 0 AND n = 0");
	daemon_restart(d, flags);
	is_halted(d, "tiles-absent");
	journal_free(&d);
}
END_TEST

START_TEST(a_lock_file_that_cannot_be_read_is_not_replaced)
{
	struct daemon *d = journal_new(10);
	char kept[128], *lock = lock_path;
	FILE *f;

	(void)snprintf(kept, sizeof kept, "%s.kept", lock);
	ck_assert_int_eq(daemon_stop(d), 0);
	ck_assert_int_eq(rename(lock, kept), 0);
	f = fopen(lock, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("fairlot-lock/v1\norigin another/journal\nsize 1\n", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	daemon_restart(d, flags);
	is_halted(d, "lock-file-bad");
	ck_assert_int_eq(daemon_stop(d), 0);
	ck_assert_int_eq(rename(kept, lock), 0);
	daemon_restart(d, flags);
	ck_assert(journal_settles(d->pg, SOON_MS));
	journal_holds(d->pg, lock_path);
	journal_free(&d);
}
END_TEST

START_TEST(a_lost_lock_file_is_not_made_anew)
{
	struct daemon *d = journal_new(10);
	int64_t size;

	ck_assert_int_eq(daemon_stop(d), 0);
	ck_assert_int_eq(remove(lock_path), 0);
	daemon_restart(d, flags);
	is_halted(d, "lock-file-lost");
	/* Recovery by the page on operating: the newest checkpoint that anyone saw. */
	ck_assert_int_eq(daemon_stop(d), 0);
	{
		FILE *f = fopen(lock_path, "w");

		ck_assert_ptr_nonnull(f);
		(void)fprintf(f, "fairlot-lock/v1\norigin localhost/market/journal\n%s",
			pg_value(d->pg,
				"SELECT format(E'size %%s\\nroot %%s\\n', size, encode(root, "
				"'hex'))"
				" FROM market.log_checkpoint ORDER BY size DESC LIMIT 1"));
		ck_assert_int_eq(fclose(f), 0);
	}
	size = pg_number(d->pg, "SELECT size FROM market.log_head");
	daemon_restart(d, flags);
	ck_assert(journal_settles(d->pg, SOON_MS));
	ck_assert_int_eq(pg_number(d->pg, "SELECT size FROM market.log_head"), size + 3);
	journal_holds(d->pg, lock_path);
	journal_free(&d);
}
END_TEST

SUITE(journal, tiles_and_bundles_have_the_root_of_the_checkpoint,
	a_tile_beyond_the_checkpoint_is_not_found, a_tile_is_the_same_from_memory,
	a_receipt_is_a_promise_until_a_checkpoint_proves_it,
	entries_are_followed_by_index_and_looked_up_by_subject,
	a_daemon_without_a_lock_file_sequences_nothing,
	a_database_of_an_hour_ago_is_not_continued_and_the_newest_is,
	a_database_that_differs_from_the_lock_file_is_not_continued,
	tiles_that_were_changed_or_lost_are_not_continued,
	a_lock_file_that_cannot_be_read_is_not_replaced, a_lost_lock_file_is_not_made_anew)
