#include "daemon/tile_rows.h"

#include <string.h>

#include "daemon/bind.h"
#include "daemon/db.h"
#include "daemon/task.h"

void
tile_rows_take(struct task *t, struct tile_rows *ret_rows)
{
	*ret_rows = (struct tile_rows){
		.at = arena_array(&t->arena, struct tile_row, (size_t)db_rows(t))};
	for (int i = 0; i < db_rows(t); i++) {
		struct text hashes = bind_read_bytes(t, i, "hashes");
		struct tile_row *row = &ret_rows->at[ret_rows->count];
		uint64_t level;

		if (hashes.at == NULL)
			continue; /* whoever needs it finds it absent */
		must(text_u64(db_value(t, i, "level"), TILE_LEVELS - 1, &level) &&
			text_u64(db_value(t, i, "n"), INT64_MAX, &row->n));
		row->level = (unsigned)level;
		row->width = (unsigned)(hashes.len / HASH_LEN);
		row->hashes = (const struct hash *)(const void *)hashes.at;
		ret_rows->count++;
	}
}

static bool
rows_read(void *arg, unsigned level, uint64_t n, unsigned width, const struct hash **ret_hashes)
{
	const struct tile_rows *rows = arg;

	for (size_t i = 0; i < rows->count; i++) {
		const struct tile_row *row = &rows->at[i];

		if (row->level == level && row->n == n && row->width >= width) {
			*ret_hashes = row->hashes;
			return true;
		}
	}
	return false;
}

struct tile_source
tile_rows_source(struct tile_rows *rows)
{
	return (struct tile_source){rows_read, rows};
}

bool
tile_rows_edge(struct tile_rows *rows, uint64_t size, struct tile_edge *ret_edge)
{
	memset(ret_edge, 0, sizeof *ret_edge);
	ret_edge->size = size;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t n = size >> (8 * level) >> 8;
		unsigned width = tile_width(size, level, n);
		const struct hash *hashes;

		if (width == 0)
			continue;
		if (!rows_read(rows, level, n, width, &hashes))
			return false;
		memcpy(ret_edge->at[level], hashes, width * sizeof hashes[0]);
	}
	return true;
}
