#pragma once

#include <stddef.h>

#include "lib/ledger/tile.h"

struct task;

/* The tiles that SQL_journal_path or SQL_journal_paths answered, for lib/ledger to compute with. */
struct tile_row {
	unsigned level, width;
	uint64_t n;
	const struct hash *hashes;
};

struct tile_rows {
	size_t count;
	struct tile_row *at; /* in the task's arena; a proof needs two a level */
};

/* From the newest reply, which is good; the hashes live in the task's arena. */
void tile_rows_take(struct task *t, struct tile_rows *ret_rows);

/* Reads from rows, which must outlive it. */
struct tile_source tile_rows_source(struct tile_rows *rows);

/* Of a tree of this size; false when a tile is absent. */
MUST_USE bool tile_rows_edge(struct tile_rows *rows, uint64_t size, struct tile_edge *ret_edge);
