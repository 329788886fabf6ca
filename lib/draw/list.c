#include "lib/draw/list.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/hex.h"
#include "lib/draw/record.h"
#include "lib/ledger/merkle.h"

static size_t
lines_of(struct text text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

/* A walk over the lines of a list, which keeps what both lists have: order and root. */
struct walk {
	struct record record;
	struct text before; /* the id of the line before; empty at first */
	struct merkle tree;
};

/* Returns how many lines there are; 0 when they are too many. */
static size_t
walk_begin(struct walk *w, struct text text)
{
	size_t lines = lines_of(text);

	*w = (struct walk){0};
	record_init(&w->record, text);
	if (lines <= LIST_MAX)
		return lines;
	record_fail(&w->record, CHECK_NUMBER);
	return 0;
}

/* Takes the next line and its first field; false at the end. */
static bool
walk_line(struct walk *w, struct text *ret_id)
{
	struct record *r = &w->record;

	return r->fault == CHECK_OK && !record_at_end(r) && record_line(r) && record_id(r, ret_id);
}

/* The line was read whole: its id is greater than the one before it. */
static void
walk_keep(struct walk *w, struct text id)
{
	int d = w->before.len == 0 ? -1 : text_order(w->before, id);

	if (d >= 0)
		record_fail(&w->record, d == 0 ? CHECK_LIST_UNIQUE : CHECK_LIST_ORDER);
	merkle_add(&w->tree, merkle_leaf(w->record.line));
	w->before = id;
}

static enum check
walk_end(struct walk *w, struct hash *ret_root, uint32_t *reterr_line)
{
	enum check fault = record_end(&w->record);

	if (fault == CHECK_OK)
		*ret_root = merkle_root(&w->tree);
	else if (reterr_line != NULL)
		*reterr_line = w->record.number;
	return fault;
}

/* What follows the id. */
static bool
candidate_rest(struct record *r, struct candidate *c)
{
	uint64_t weight = 1;

	if (!record_number(r, 0, LIST_WEIGHT_MAX, &weight) || !record_word(r, &c->stratum) ||
		!record_hash(r, &c->leaf) || !record_done(r))
		return false;
	c->weight = (uint32_t)weight;
	if (weight == 0)
		record_fail(r, CHECK_WEIGHT_ZERO);
	if (text_is(c->stratum, "-"))
		c->stratum.len = 0;
	else if (!record_is_id(c->stratum))
		record_fail(r, CHECK_ID);
	return r->fault == CHECK_OK;
}

enum check
candidates_parse(
	struct arena *a, struct text text, struct candidates *ret_candidates, uint32_t *reterr_line)
{
	struct walk w;
	struct candidates list = {.at = arena_array(a, struct candidate, walk_begin(&w, text))};
	struct candidate c;
	enum check fault;

	while (walk_line(&w, &c.id) && candidate_rest(&w.record, &c)) {
		walk_keep(&w, c.id);
		list.weight += c.weight;
		if (list.weight > LIST_WEIGHT_MAX)
			record_fail(&w.record, CHECK_WEIGHT_SUM);
		list.at[list.count++] = c;
	}
	fault = walk_end(&w, &list.root, reterr_line);
	if (fault == CHECK_OK)
		*ret_candidates = list;
	return fault;
}

enum check
exclusions_parse(
	struct arena *a, struct text text, struct exclusions *ret_exclusions, uint32_t *reterr_line)
{
	struct walk w;
	struct exclusions list = {.at = arena_array(a, struct exclusion, walk_begin(&w, text))};
	struct record *r = &w.record;
	struct exclusion x;
	enum check fault;

	while (walk_line(&w, &x.id) && record_id(r, &x.reason) && record_hash(r, &x.leaf) &&
		record_done(r)) {
		walk_keep(&w, x.id);
		list.at[list.count++] = x;
	}
	fault = walk_end(&w, &list.root, reterr_line);
	if (fault == CHECK_OK)
		*ret_exclusions = list;
	return fault;
}

static int
by_candidate(const void *a, const void *b)
{
	return text_order(((const struct candidate *)a)->id, ((const struct candidate *)b)->id);
}

static int
by_exclusion(const void *a, const void *b)
{
	return text_order(((const struct exclusion *)a)->id, ((const struct exclusion *)b)->id);
}

enum check
candidates_build(struct arena *a, struct candidate *at, size_t count, struct text *ret_text)
{
	struct candidates parsed;
	enum check fault;
	struct buf b;

	if (count > 1)
		qsort(at, count, sizeof *at, by_candidate);
	buf_init(&b, a, count * 100);
	for (size_t i = 0; i < count; i++) {
		char hex[2 * HASH_LEN + 1];

		hex_encode(at[i].leaf.at, HASH_LEN, hex);
		buf_add(&b, at[i].id.at, at[i].id.len);
		buf_printf(&b, " %u ", at[i].weight);
		if (at[i].stratum.len == 0)
			buf_char(&b, '-');
		buf_add(&b, at[i].stratum.at, at[i].stratum.len);
		buf_printf(&b, " %s\n", hex);
	}
	fault = candidates_parse(a, buf_text(&b), &parsed, NULL);
	if (fault == CHECK_OK)
		*ret_text = buf_text(&b);
	return fault;
}

enum check
exclusions_build(struct arena *a, struct exclusion *at, size_t count, struct text *ret_text)
{
	struct exclusions parsed;
	enum check fault;
	struct buf b;

	if (count > 1)
		qsort(at, count, sizeof *at, by_exclusion);
	buf_init(&b, a, count * 100);
	for (size_t i = 0; i < count; i++) {
		char hex[2 * HASH_LEN + 1];

		hex_encode(at[i].leaf.at, HASH_LEN, hex);
		buf_printf(&b, TEXT_FMT " " TEXT_FMT " %s\n", TEXT_ARG(at[i].id),
			TEXT_ARG(at[i].reason), hex);
	}
	fault = exclusions_parse(a, buf_text(&b), &parsed, NULL);
	if (fault == CHECK_OK)
		*ret_text = buf_text(&b);
	return fault;
}

enum check
list_disjoint(const struct candidates *c, const struct exclusions *x, struct text *reterr_id)
{
	for (size_t i = 0, j = 0; i < c->count && j < x->count;) {
		int d = text_order(c->at[i].id, x->at[j].id);

		if (d == 0) {
			*reterr_id = c->at[i].id;
			return CHECK_LIST_BOTH;
		}
		if (d < 0)
			i++;
		else
			j++;
	}
	return CHECK_OK;
}
