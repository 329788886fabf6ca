#include "tests/support/journal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/ledger/proof.h"
#include "lib/ledger/tile.h"
#include "tests/support/invariant.h"
#include "tests/support/until.h"

void
journal_put(struct pg *pg, const char *subject, int count)
{
	pg_run(pg,
		"SELECT api.entry('bid', '%s', '-', api.now(), n || E'\\n')"
		" FROM generate_series(1, %d) n",
		subject, count);
}

static bool
is_settled(void *arg)
{
	struct pg *pg = arg;

	return pg_number(pg,
		       "SELECT (SELECT count(*) FROM market.log_waiting)"
		       " + (SELECT size - signed FROM market.log_head)") == 0;
}

bool
journal_settles(struct pg *pg, int wait_ms)
{
	return until(is_settled, pg, wait_ms);
}

static struct text
bytes_at(struct pg *pg, const PGresult *r, int row, int column)
{
	size_t len = (size_t)PQgetlength(r, row, column) / 2 - 1;
	uint8_t *bytes = arena_alloc(&pg->arena, len + 1);

	ck_assert(hex_decode(text_of(PQgetvalue(r, row, column) + 2), bytes, len));
	return text_span((char *)bytes, len);
}

static void
checkpoints_hold(struct pg *pg, const struct hash *leaves, int count)
{
	PGresult *r =
		pg_ask(pg, pg->super, "SELECT size, note FROM market.log_checkpoint ORDER BY size")
			.rows;
	struct text vkey = text_of(pg_value(
			    pg, "SELECT value FROM market.setting WHERE key = 'log_vkey'")),
		    name;
	uint8_t key[SIGN_KEY_LEN];

	ck_assert(note_vkey_parse(vkey, &name, key));
	ck_assert_int_gt(PQntuples(r), 0);
	for (int i = 0; i < PQntuples(r); i++) {
		struct checkpoint c;
		struct hash root;

		ck_assert(checkpoint_verify(text_of(PQgetvalue(r, i, 1)), name, key, &c));
		ck_assert_str_eq(PQgetvalue(r, i, 0),
			arena_printf(&pg->arena, "%llu", (unsigned long long)c.size));
		ck_assert_uint_le(c.size, (uint64_t)count);
		root = merkle_root_of(leaves, c.size);
		ck_assert_mem_eq(root.at, c.root.at, HASH_LEN);
	}
}

static void
tiles_hold(struct pg *pg, const struct hash *leaves, int count)
{
	PGresult *r = pg_ask(pg, pg->super,
		"SELECT n, hashes, root FROM market.log_tile WHERE level = 0 ORDER BY n")
			      .rows;

	ck_assert_int_eq(PQntuples(r), count / TILE_WIDTH);
	for (int i = 0; i < PQntuples(r); i++) {
		struct text hashes = bytes_at(pg, r, i, 1), root = bytes_at(pg, r, i, 2);
		struct hash want = merkle_root_of(leaves + i * TILE_WIDTH, TILE_WIDTH);

		ck_assert_mem_eq(hashes.at, leaves + i * TILE_WIDTH, TILE_WIDTH * HASH_LEN);
		ck_assert_mem_eq(root.at, want.at, HASH_LEN);
	}
}

static void
lock_holds(struct pg *pg, const char *path)
{
	const char *want = pg_value(pg,
		"SELECT format(E'size %%s\\nroot %%s\\n', size, encode(root, 'hex'))"
		" FROM market.log_checkpoint ORDER BY size DESC LIMIT 1");
	char text[1024] = "";
	FILE *f = fopen(path, "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(text, 1, sizeof text - 1, f), 0);
	(void)fclose(f);
	ck_assert_msg(strstr(text, want) != NULL, "%s, and not %s", text, want);
}

void
journal_holds(struct pg *pg, const char *lock_file)
{
	PGresult *r = pg_ask(pg, pg->super,
		"SELECT e.index, o.entry FROM market.log_entry e JOIN market.outbox o ON"
		" o.id = e.outbox_id ORDER BY e.index")
			      .rows;
	int count = PQntuples(r);
	struct hash *leaves = calloc((size_t)count + 1, sizeof *leaves), root;

	ck_assert_ptr_nonnull(leaves);
	invariants_hold(pg);
	for (int i = 0; i < count; i++)
		leaves[i] = merkle_leaf(bytes_at(pg, r, i, 1));
	root = merkle_root_of(leaves, (uint64_t)count);
	r = pg_ask(pg, pg->super, "SELECT root FROM market.log_head").rows;
	ck_assert_mem_eq(bytes_at(pg, r, 0, 0).at, root.at, HASH_LEN);
	checkpoints_hold(pg, leaves, count);
	tiles_hold(pg, leaves, count);
	if (lock_file != NULL)
		lock_holds(pg, lock_file);
	free(leaves);
}
