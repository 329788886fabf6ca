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

/* Each id is greater than the one before it. */
static void
order_check(struct record *r, struct text before, struct text id)
{
	int d = before.len == 0 ? -1 : text_order(before, id);

	if (d >= 0)
		record_fail(r, d == 0 ? CHECK_LIST_UNIQUE : CHECK_LIST_ORDER);
}

static enum check
report(struct record *r, uint32_t *reterr_line)
{
	enum check fault = record_end(r);

	if (fault != CHECK_OK && reterr_line != NULL)
		*reterr_line = r->number;
	return fault;
}

static void
candidate_line(struct record *r, struct candidate *c)
{
	uint64_t weight = 1;

	if (!record_line(r) || !record_id(r, &c->id) ||
		!record_number(r, 0, LIST_WEIGHT_MAX, &weight) || !record_word(r, &c->stratum) ||
		!record_hash(r, &c->leaf) || !record_done(r))
		return;
	c->weight = (uint32_t)weight;
	if (weight == 0)
		record_fail(r, CHECK_WEIGHT_ZERO);
	if (text_is(c->stratum, "-"))
		c->stratum.len = 0;
	else if (!record_is_id(c->stratum))
		record_fail(r, CHECK_ID);
}

enum check
candidates_parse(
	struct arena *a, struct text text, struct candidates *ret_candidates, uint32_t *reterr_line)
{
	size_t lines = lines_of(text);
	struct candidates list = {0};
	struct merkle tree = {0};
	struct record r;
	enum check fault;

	record_init(&r, text);
	if (lines > LIST_MAX)
		record_fail(&r, CHECK_NUMBER);
	else
		list.at = arena_array(a, struct candidate, lines);
	while (r.fault == CHECK_OK && !record_at_end(&r)) {
		struct candidate c = {0};

		candidate_line(&r, &c);
		if (r.fault != CHECK_OK)
			break;
		order_check(
			&r, list.count == 0 ? (struct text){0} : list.at[list.count - 1].id, c.id);
		list.weight += c.weight;
		if (list.weight > LIST_WEIGHT_MAX)
			record_fail(&r, CHECK_WEIGHT_SUM);
		merkle_add(&tree, merkle_leaf(r.line));
		list.at[list.count++] = c;
	}
	if ((fault = report(&r, reterr_line)) != CHECK_OK)
		return fault;
	list.root = merkle_root(&tree);
	*ret_candidates = list;
	return CHECK_OK;
}

enum check
exclusions_parse(
	struct arena *a, struct text text, struct exclusions *ret_exclusions, uint32_t *reterr_line)
{
	size_t lines = lines_of(text);
	struct exclusions list = {0};
	struct merkle tree = {0};
	struct record r;
	enum check fault;

	record_init(&r, text);
	if (lines > LIST_MAX)
		record_fail(&r, CHECK_NUMBER);
	else
		list.at = arena_array(a, struct exclusion, lines);
	while (r.fault == CHECK_OK && !record_at_end(&r)) {
		struct exclusion x = {0};

		if (!record_line(&r) || !record_id(&r, &x.id) || !record_id(&r, &x.reason) ||
			!record_hash(&r, &x.leaf) || !record_done(&r))
			break;
		order_check(
			&r, list.count == 0 ? (struct text){0} : list.at[list.count - 1].id, x.id);
		merkle_add(&tree, merkle_leaf(r.line));
		list.at[list.count++] = x;
	}
	if ((fault = report(&r, reterr_line)) != CHECK_OK)
		return fault;
	list.root = merkle_root(&tree);
	*ret_exclusions = list;
	return CHECK_OK;
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
