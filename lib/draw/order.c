#include "lib/draw/order.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/must.h"
#include "lib/draw/record.h"

static const char stratum_label[] = "stratum/";

void
order_shuffle(struct words *w, uint32_t *items, size_t n)
{
	must(n <= LIST_MAX);
	for (size_t i = 0; i + 1 < n; i++) {
		size_t j = i + stream_uniform(w, (uint32_t)(n - i));
		uint32_t kept = items[i];

		items[i] = items[j];
		items[j] = kept;
	}
}

/* Sums of weights in a Fenwick tree: tree[i] (from 1) holds the sum of the weights i - lowbit(i)
 * … i - 1, so that "the first whose cumulative weight exceeds r" is a descent by powers of two,
 * and taking a weight away touches log n sums. */
struct fenwick {
	uint32_t *tree;
	size_t n, top; /* top: the largest power of two <= n */
};

static void
fenwick_init(struct fenwick *f, struct arena *a, const struct candidate *at, size_t n)
{
	*f = (struct fenwick){arena_array(a, uint32_t, n + 1), n, 1};
	while (f->top * 2 <= n)
		f->top *= 2;
	for (size_t i = 1; i <= n; i++) {
		size_t up = i + (i & -i);

		f->tree[i] += at[i - 1].weight;
		if (up <= n)
			f->tree[up] += f->tree[i];
	}
}

static size_t
fenwick_find(const struct fenwick *f, uint32_t r)
{
	size_t at = 0;

	for (size_t step = f->top; step > 0; step /= 2)
		if (at + step <= f->n && f->tree[at + step] <= r) {
			at += step;
			r -= f->tree[at];
		}
	return at;
}

static void
fenwick_remove(struct fenwick *f, size_t index, uint32_t weight)
{
	for (size_t i = index + 1; i <= f->n; i += i & -i)
		f->tree[i] -= weight;
}

void
order_weighted(
	struct arena *a, struct words *w, const struct candidate *at, size_t n, uint32_t *ret_items)
{
	struct fenwick f;
	uint64_t left = 0;

	for (size_t i = 0; i < n; i++)
		left += at[i].weight;
	must(n <= LIST_MAX && left <= LIST_WEIGHT_MAX);
	fenwick_init(&f, a, at, n);
	for (size_t i = 0; i < n; i++) {
		size_t index = fenwick_find(&f, stream_uniform(w, (uint32_t)left));

		must(index < n);
		fenwick_remove(&f, index, at[index].weight);
		left -= at[index].weight;
		ret_items[i] = (uint32_t)index;
	}
}

void
order_strata(struct arena *a, const struct hash *seed, const struct freeze *f,
	const struct candidate *at, size_t n, uint32_t *ret_items)
{
	uint32_t *members = arena_array(a, uint32_t, n);
	bool *taken = arena_array(a, bool, n);
	struct stream s;
	size_t done = 0, count;

	for (size_t q = 0; q < f->quotas_count; q++) {
		struct text stratum = f->quotas[q].stratum;
		char label[sizeof stratum_label + RECORD_ID_MAX];

		must(stratum.len <= RECORD_ID_MAX);
		memcpy(label, stratum_label, sizeof stratum_label - 1);
		memcpy(label + sizeof stratum_label - 1, stratum.at, stratum.len);
		count = 0;
		for (size_t i = 0; i < n; i++)
			if (text_eq(at[i].stratum, stratum))
				members[count++] = (uint32_t)i;
		stream_init(&s, seed, text_span(label, sizeof stratum_label - 1 + stratum.len));
		order_shuffle(&s.words, members, count);
		for (size_t i = 0; i < count && i < f->quotas[q].winners; i++) {
			taken[members[i]] = true;
			ret_items[done++] = members[i];
		}
	}
	count = done;
	for (size_t i = 0; i < n; i++)
		if (!taken[i])
			ret_items[count++] = (uint32_t)i;
	stream_init(&s, seed, (struct text){0});
	order_shuffle(&s.words, ret_items + done, n - done);
}

void
order_of(struct arena *a, const struct freeze *f, const struct candidates *c,
	const struct hash *seed, uint32_t *ret_items)
{
	struct stream s;

	must(f->method != DRAW_INTEGER);
	stream_init(&s, seed, f->label);
	if (f->method == DRAW_WEIGHTED) {
		order_weighted(a, &s.words, c->at, c->count, ret_items);
	} else if (f->quotas_count > 0) {
		order_strata(a, seed, f, c->at, c->count, ret_items);
	} else {
		for (size_t i = 0; i < c->count; i++)
			ret_items[i] = (uint32_t)i;
		order_shuffle(&s.words, ret_items, c->count);
	}
}

uint64_t
order_integer(const struct hash *seed, struct text label, uint64_t lo, uint64_t hi)
{
	struct stream s;

	must(lo <= hi && hi - lo < (uint64_t)1 << 31);
	stream_init(&s, seed, label);
	return lo + stream_uniform(&s.words, (uint32_t)(hi - lo + 1));
}

void
order_tie(const struct hash *seed, struct text label, size_t n, uint32_t *ret_items)
{
	struct stream s;

	for (size_t i = 0; i < n; i++)
		ret_items[i] = (uint32_t)i;
	stream_init(&s, seed, label);
	order_shuffle(&s.words, ret_items, n);
}
