#pragma once

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/must.h"
#include "lib/base/text.h"

struct arena;

/* A table as CSV, RFC 4180 read strictly: UTF-8 without a byte-order mark; lines end by LF or
 * CRLF, the last one too; every record has as many fields as the first; a quote stands only
 * around a whole field or doubled inside one; no other control characters outside quotes. */
struct csv {
	size_t columns, rows;  /* rows: with the header */
	const struct text *at; /* rows * columns fields, record by record */
	const size_t *line;    /* of each record's first line, from 1 */
};

/* Fields borrow from bytes, or from the arena where a quote was doubled.  E_BAD_INPUT: the line at
 * fault is in *reterr_line and why in *reterr_why. */
MUST_USE enum err csv_parse(struct text bytes, struct arena *a, struct csv *ret_csv,
	size_t *reterr_line, const char **reterr_why);

/* The field of a record; both from 0. */
static inline struct text
csv_at(const struct csv *c, size_t row, size_t column)
{
	must(row < c->rows && column < c->columns);
	return c->at[row * c->columns + column];
}
