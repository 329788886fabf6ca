/* Sequencing in the database: indices without gaps, whatever commits late, and one sequencer. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/ledger/tile.h"
#include "tests/support/pg.h"
#include "tests/support/suite.h"

static void
put(struct pg *pg, PGconn *conn, const char *subject, int count)
{
	(void)pg_ask(pg, conn,
		"SELECT count(api.entry('bid', '%s', '-', api.now(), n || E'\\n'))"
		" FROM generate_series(1, %d) n",
		subject, count);
}

static struct pg_answer
waiting(struct pg *pg, const char *limit)
{
	return pg_call(pg, pg->reader, SQL_journal_waiting, "log", "journal", "limit", limit, NULL);
}

static bool
lead(struct pg *pg, const char *holder, const char *lease)
{
	struct pg_answer a = pg_call(pg, pg->writer, SQL_journal_lead, "log", "journal", "holder",
		holder, "lease", lease, NULL);

	ck_assert_str_eq(a.code, "");
	return PQntuples(a.rows) == 1;
}

/* What the sequencer computes of a batch. */
struct made {
	struct arena *arena;
	struct buf levels, places, tiles, roots;
	char root[3 + 2 * HASH_LEN];
};

static void
add_hex(struct buf *b, const struct hash *hashes, size_t n)
{
	char hex[2 * HASH_LEN + 1];

	for (size_t i = 0; i < n; i++) {
		hex_encode(hashes[i].at, HASH_LEN, hex);
		buf_str(b, hex);
	}
}

static void
made_add(struct made *m, struct tile_edge *e, const char *leaves)
{
	struct hash root;

	buf_init(&m->levels, m->arena, 16);
	buf_init(&m->places, m->arena, 16);
	buf_init(&m->tiles, m->arena, 16);
	buf_init(&m->roots, m->arena, 16);
	buf_str(&m->levels, "{");
	buf_str(&m->places, "{");
	buf_str(&m->tiles, "\\x");
	buf_str(&m->roots, "\\x");
	for (leaves += 2; *leaves != '\0'; leaves += 2 * HASH_LEN) {
		struct hash leaf;
		unsigned full;

		ck_assert(hex_decode(text_span(leaves, 2 * HASH_LEN), leaf.at, HASH_LEN));
		full = tile_edge_add(e, leaf);
		for (unsigned l = 0; l < full; l++) {
			const char *comma = m->levels.len > 1 ? "," : "";

			buf_printf(&m->levels, "%s%u", comma, l);
			buf_printf(&m->places, "%s%llu", comma,
				(unsigned long long)(e->size >> (8 * (l + 1))) - 1);
			add_hex(&m->tiles, e->at[l], TILE_WIDTH);
			add_hex(&m->roots, &e->root[l], 1);
		}
	}
	buf_add(&m->levels, "}", 2);
	buf_add(&m->places, "}", 2);
	buf_char(&m->tiles, '\0');
	buf_char(&m->roots, '\0');
	root = tile_edge_root(e);
	memcpy(m->root, "\\x", 2);
	hex_encode(root.at, HASH_LEN, m->root + 2);
}

/* Takes what waits and gives it indices, as `holder`; whether it was let. */
static bool
append(struct pg *pg, struct tile_edge *e, const char *holder, const struct pg_answer *batch)
{
	struct made m = {.arena = &pg->arena};
	const char *size = arena_printf(&pg->arena, "%llu", (unsigned long long)e->size);
	struct pg_answer a;

	made_add(&m, e, PQgetvalue(batch->rows, 0, 2));
	a = pg_call(pg, pg->writer, SQL_journal_append, "log", "journal", "holder", holder, "lease",
		"10s", "size", size, "ids", PQgetvalue(batch->rows, 0, 1), "levels", m.levels.at,
		"places", m.places.at, "tiles", m.tiles.at, "roots", m.roots.at, "root", m.root,
		NULL);
	ck_assert_msg(a.code[0] == '\0', "%s %s", a.code, a.en);
	return strcmp(PQgetvalue(a.rows, 0, 0), "t") == 0;
}

static bool
sequence(struct pg *pg, struct tile_edge *e, const char *holder)
{
	struct pg_answer batch = waiting(pg, "300");

	return strcmp(PQgetvalue(batch.rows, 0, 0), "0") == 0 || append(pg, e, holder, &batch);
}

static int64_t
gaps(struct pg *pg)
{
	return pg_number(pg,
		"SELECT (SELECT size FROM market.log_head) - count(*) + coalesce(sum((index <> "
		"nth)::int), 0)"
		" FROM (SELECT index, row_number() OVER (ORDER BY index) - 1 AS nth FROM"
		" market.log_entry) x");
}

START_TEST(every_entry_gets_one_index_and_none_is_left_out)
{
	struct pg *pg = pg_new();
	struct tile_edge e = {0};
	int64_t before = pg_number(pg, "SELECT count(*) FROM market.outbox");

	ck_assert(lead(pg, "a", "10s"));
	for (int i = 0; i < 5; i++) {
		put(pg, pg->super, "x", 211);
		ck_assert(sequence(pg, &e, "a"));
	}
	while (pg_number(pg, "SELECT count(*) FROM market.log_waiting") > 0)
		ck_assert(sequence(pg, &e, "a"));
	ck_assert_int_eq((int64_t)e.size, before + 5 * 211);
	ck_assert_int_eq(gaps(pg), 0);
	ck_assert_int_eq(
		pg_number(pg, "SELECT count(*) FROM market.log_tile"), (int64_t)(e.size / 256));
	ck_assert_int_eq(pg_number(pg,
				 "SELECT count(*) FROM market.log_entry a JOIN market.log_entry b"
				 " ON a.index < b.index AND a.outbox_id > b.outbox_id"),
		0);
	pg_free(&pg);
}
END_TEST

START_TEST(an_entry_that_commits_late_is_not_lost)
{
	struct pg *pg = pg_new();
	PGconn *late = pg_connect(pg, "postgres");
	struct tile_edge e = {0};

	ck_assert(lead(pg, "a", "10s"));
	(void)pg_ask(pg, late, "BEGIN");
	put(pg, late, "late", 1);
	put(pg, pg->super, "early", 400);
	for (int i = 0; i < 5; i++)
		ck_assert(sequence(pg, &e, "a"));
	ck_assert_int_eq(pg_number(pg, "SELECT count(*) FROM market.log_waiting"), 0);
	(void)pg_ask(pg, late, "COMMIT");
	ck_assert(sequence(pg, &e, "a"));
	ck_assert_int_eq(gaps(pg), 0);
	ck_assert_int_eq(pg_number(pg,
				 "SELECT e.index FROM market.log_entry e JOIN market.outbox o"
				 " ON o.id = e.outbox_id WHERE o.subject = 'late'"),
		(int64_t)e.size - 1);
	PQfinish(late);
	pg_free(&pg);
}
END_TEST

START_TEST(an_entry_that_is_rolled_back_leaves_no_gap)
{
	struct pg *pg = pg_new();
	PGconn *lost = pg_connect(pg, "postgres");
	struct tile_edge e = {0};

	ck_assert(lead(pg, "a", "10s"));
	(void)pg_ask(pg, lost, "BEGIN");
	put(pg, lost, "lost", 3);
	put(pg, pg->super, "kept", 3);
	(void)pg_ask(pg, lost, "ROLLBACK");
	for (int i = 0; i < 3; i++)
		ck_assert(sequence(pg, &e, "a"));
	ck_assert_int_eq(gaps(pg), 0);
	PQfinish(lost);
	pg_free(&pg);
}
END_TEST

START_TEST(of_two_sequencers_one_leads_until_its_lease_is_over)
{
	struct pg *pg = pg_new();

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	ck_assert(lead(pg, "a", "10s"));
	ck_assert(!lead(pg, "b", "10s"));
	pg_clock_move(pg, "9 seconds");
	ck_assert(lead(pg, "a", "10s"));
	pg_clock_move(pg, "9 seconds");
	ck_assert(!lead(pg, "b", "10s"));
	pg_clock_move(pg, "2 seconds");
	ck_assert(lead(pg, "b", "10s"));
	ck_assert(!lead(pg, "a", "10s"));
	(void)pg_call(pg, pg->writer, SQL_journal_leave, "log", "journal", "holder", "b", NULL);
	pg_clock_move(pg, "1 second");
	ck_assert(lead(pg, "a", "10s"));
	pg_free(&pg);
}
END_TEST

/* Both read the same batch; who lost the lease in between writes nothing. */
START_TEST(who_lost_the_lease_or_the_size_appends_nothing)
{
	struct pg *pg = pg_new();
	struct tile_edge mine = {0}, theirs = {0}, again = {0};
	struct pg_answer batch;

	pg_clock_set(pg, "2024-03-01T09:00:00+08");
	put(pg, pg->super, "x", 7);
	ck_assert(lead(pg, "a", "10s"));
	batch = waiting(pg, "300");
	pg_clock_move(pg, "11 seconds");
	ck_assert(lead(pg, "b", "10s"));
	ck_assert(!append(pg, &mine, "a", &batch));
	ck_assert_int_eq(pg_number(pg, "SELECT size FROM market.log_head"), 0);
	ck_assert(append(pg, &theirs, "b", &batch));
	ck_assert(!append(pg, &again, "b", &batch));
	ck_assert_int_eq(pg_number(pg, "SELECT size FROM market.log_head"), (int64_t)theirs.size);
	ck_assert_int_eq(gaps(pg), 0);
	pg_free(&pg);
}
END_TEST

/* The same batch twice, with the size made to fit, is an error: an entry has one index. */
START_TEST(an_entry_is_not_sequenced_twice)
{
	struct pg *pg = pg_new();
	struct pg_answer a;

	put(pg, pg->super, "x", 1);
	ck_assert(lead(pg, "a", "10s"));
	a = pg_ask(pg, pg->super,
		"SELECT api.journal_append('journal', 'a', '10s', 0, ARRAY[1, 1]::bigint[], '{}', "
		"'{}',"
		" '', '', sha256(''))");
	ck_assert_str_ne(a.code, "");
	ck_assert_int_eq(pg_number(pg, "SELECT size FROM market.log_head"), 0);
	pg_free(&pg);
}
END_TEST

/* Hashes of the tiles that the database gives for a proof. */
struct tiles {
	PGresult *rows;
	struct hash at[TILE_WIDTH];
};

static bool
tiles_read(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	struct tiles *t = arg;

	for (int i = 0; i < PQntuples(t->rows); i++) {
		struct text l = text_of(PQgetvalue(t->rows, i, 0));
		struct text place = text_of(PQgetvalue(t->rows, i, 1)), hashes;
		uint64_t have_level, have_n;

		if (!text_u64(l, 8, &have_level) || !text_u64(place, INT64_MAX, &have_n) ||
			have_level != level || have_n != n)
			continue;
		hashes = text_of(PQgetvalue(t->rows, i, 2) + 2);
		if (hashes.len != (size_t)width * 2 * HASH_LEN)
			return false;
		*ret_hashes = t->at;
		return hex_decode(hashes, (uint8_t *)t->at, width * (size_t)HASH_LEN);
	}
	return false;
}

START_TEST(paths_of_the_database_prove_every_leaf)
{
	struct pg *pg = pg_new();
	struct tile_edge e = {0};
	struct hash root, leaf, path[MERKLE_PATH_MAX];
	size_t len;

	put(pg, pg->super, "x", 1100);
	ck_assert(lead(pg, "a", "10s"));
	while (pg_number(pg, "SELECT count(*) FROM market.log_waiting") > 0)
		ck_assert(sequence(pg, &e, "a"));
	root = tile_edge_root(&e);
	for (uint64_t i = 0; i < e.size; i += 83) {
		const char *at = arena_printf(&pg->arena, "%llu", (unsigned long long)i);
		const char *size = arena_printf(&pg->arena, "%llu", (unsigned long long)e.size);
		struct tiles t = {.rows = pg_call(pg, pg->reader, SQL_journal_path, "log",
					  "journal", "size", size, "leaf", at, NULL)
						  .rows};
		const struct tile_source source = {tiles_read, &t};
		const char *hex = pg_value(pg,
			"SELECT encode(o.leaf, 'hex') FROM market.log_entry e JOIN market.outbox o"
			" ON o.id = e.outbox_id WHERE e.index = %s",
			at);

		ck_assert(hex_decode(text_of(hex), leaf.at, HASH_LEN));
		ck_assert(tile_inclusion(&source, e.size, i, path, &len));
		ck_assert(merkle_includes(&root, e.size, &leaf, i, path, len));
	}
	pg_free(&pg);
}
END_TEST

START_TEST(a_checkpoint_is_stored_once_and_never_another_of_its_size)
{
	struct pg *pg = pg_new();
	struct tile_edge e = {0};
	char size[24];
	struct pg_answer a;

	put(pg, pg->super, "x", 1);
	ck_assert(lead(pg, "a", "10s"));
	ck_assert(sequence(pg, &e, "a"));
	(void)snprintf(size, sizeof size, "%llu", (unsigned long long)e.size);
	for (int i = 0; i < 3; i++) {
		a = pg_call(pg, pg->writer, SQL_journal_signed, "log", "journal", "size", size,
			"root", i < 2 ? "\\x01" : "\\x02", "note", "n", NULL);
		ck_assert_str_eq(PQgetvalue(a.rows, 0, 0), i < 2 ? "t" : "f");
	}
	a = pg_call(pg, pg->writer, SQL_journal_signed, "log", "journal", "size", "999999", "root",
		"\\x01", "note", "n", NULL);
	ck_assert_str_ne(a.code, ""); /* beyond what has an index */
	pg_free(&pg);
}
END_TEST

START_TEST(what_no_checkpoint_holds_is_not_shown)
{
	struct pg *pg = pg_new();
	struct tile_edge e = {0};
	struct pg_answer a;
	char size[24], width[24];

	put(pg, pg->super, "x", 5);
	ck_assert(lead(pg, "a", "10s"));
	ck_assert(sequence(pg, &e, "a"));
	(void)snprintf(size, sizeof size, "%llu", (unsigned long long)e.size);
	(void)snprintf(width, sizeof width, "%llu", (unsigned long long)e.size % 256);
	for (int i = 0; i < 2; i++) {
		a = pg_call(pg, pg->reader, SQL_journal_tile, "level", "0", "n", "0", "width",
			width, NULL);
		ck_assert_int_eq(PQntuples(a.rows), i);
		a = pg_call(pg, pg->reader, SQL_journal_bundle, "n", "0", "width", width, NULL);
		ck_assert(PQgetisnull(a.rows, 0, 0) == (i == 0));
		a = pg_call(pg, pg->reader, SQL_journal_entries, "subject", "x", NULL);
		ck_assert_str_eq(pg_member(pg, a.body, "/size"), i == 0 ? "0" : size);
		ck_assert((pg_member(pg, a.body, "/items/4/leaf")[0] != '\0') == (i == 1));
		a = pg_call(pg, pg->reader, SQL_receipt_get, "leaf",
			pg_value(pg,
				"SELECT max(encode(leaf, 'hex')) FROM market.outbox"
				" WHERE subject = 'x'"),
			NULL);
		ck_assert(PQgetisnull(a.rows, 0, 3) == (i == 0));
		(void)pg_call(pg, pg->writer, SQL_journal_signed, "log", "journal", "size", size,
			"root", "\\x01", "note", "n", NULL);
	}
	pg_free(&pg);
}
END_TEST

START_TEST(what_waits_is_counted_up_to_a_limit)
{
	struct pg *pg = pg_new();
	int64_t before = pg_number(pg, "SELECT count(*) FROM market.log_waiting");
	struct pg_answer a;

	put(pg, pg->super, "x", 10000 - (int)before - 1);
	for (int i = 0; i < 3; i++) {
		a = pg_call(pg, pg->reader, SQL_journal_watch, "log", "journal", "others",
			"one two", NULL);
		ck_assert_int_eq(PQntuples(a.rows), 2);
		ck_assert_str_eq(PQgetvalue(a.rows, 0, 2), i == 0 ? "9999" : "10000");
		ck_assert_str_eq(PQgetvalue(a.rows, 1, 6), "two");
		put(pg, pg->super, "x", 1);
	}
	pg_free(&pg);
}
END_TEST

/* Who speaks next in a draw waits until what was said before is public; where nothing is signed
 * there is nothing to wait for. */
START_TEST(a_draw_is_public_when_a_checkpoint_holds_what_was_said)
{
	static const char is_public[] =
		"SELECT api.draw_is_public(jsonb_populate_record(NULL::market.draw,"
		" '{\"id\":\"d\"}'))";
	struct pg *pg = pg_new();
	struct tile_edge e = {0};

	put(pg, pg->super, "x", 3);
	ck_assert(lead(pg, "a", "10s"));
	for (int i = 0; i < 3; i++) {
		char size[24];

		ck_assert(sequence(pg, &e, "a"));
		(void)snprintf(size, sizeof size, "%llu", (unsigned long long)e.size);
		(void)pg_call(pg, pg->writer, SQL_journal_signed, "log", "journal", "size", size,
			"root", "\\x01", "note", "n", NULL);
		ck_assert_str_eq(pg_value(pg, "%s", is_public), "t");
		(void)pg_ask(pg, pg->super, "SELECT api.entry('%s', 'd', '-', api.now(), E'\\n')",
			i == 0 ? "freeze" : "contribution");
		ck_assert_str_eq(pg_value(pg, "%s", is_public), "f");
	}
	pg_free(&pg);
}
END_TEST

SUITE(journal, what_waits_is_counted_up_to_a_limit, every_entry_gets_one_index_and_none_is_left_out,
	an_entry_that_commits_late_is_not_lost, an_entry_that_is_rolled_back_leaves_no_gap,
	of_two_sequencers_one_leads_until_its_lease_is_over,
	who_lost_the_lease_or_the_size_appends_nothing, an_entry_is_not_sequenced_twice,
	paths_of_the_database_prove_every_leaf,
	a_checkpoint_is_stored_once_and_never_another_of_its_size,
	what_no_checkpoint_holds_is_not_shown,
	a_draw_is_public_when_a_checkpoint_holds_what_was_said)
